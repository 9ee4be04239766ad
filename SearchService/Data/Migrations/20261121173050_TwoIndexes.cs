using System;
using Microsoft.EntityFrameworkCore.Migrations;
using NpgsqlTypes;

#nullable disable

namespace Registry.SearchService.Data.Migrations
{
    /// <inheritdoc />
    public partial class TwoIndexes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "documents_next",
                columns: table => new
                {
                    repository = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    package = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    revision = table.Column<long>(type: "bigint", nullable: false),
                    removed = table.Column<bool>(type: "boolean", nullable: false),
                    scope = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    name_folded = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    unscoped_folded = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    name_term_count = table.Column<int>(type: "integer", nullable: false),
                    readers = table.Column<string[]>(type: "text[]", nullable: false),
                    terms = table.Column<NpgsqlTsVector>(type: "tsvector", nullable: false),
                    document = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_documents_next", x => new { x.repository, x.package });
                });

            migrationBuilder.CreateTable(
                name: "engines",
                columns: table => new
                {
                    engine = table.Column<string>(type: "text", nullable: false),
                    phase = table.Column<string>(type: "text", nullable: false, defaultValue: "none"),
                    built = table.Column<Guid>(type: "uuid", nullable: true),
                    message = table.Column<string>(type: "text", nullable: true),
                    started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    worker = table.Column<Guid>(type: "uuid", nullable: true),
                    worker_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_engines", x => x.engine);
                });

            migrationBuilder.CreateTable(
                name: "indexes",
                columns: table => new
                {
                    identity = table.Column<Guid>(type: "uuid", nullable: false),
                    engine = table.Column<string>(type: "text", nullable: false),
                    epoch = table.Column<Guid>(type: "uuid", nullable: true),
                    position = table.Column<long>(type: "bigint", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_indexes", x => x.identity);
                });

            migrationBuilder.CreateTable(
                name: "name_terms_next",
                columns: table => new
                {
                    term = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    remainders = table.Column<string[]>(type: "text[]", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_name_terms_next", x => x.term);
                });

            migrationBuilder.CreateTable(
                name: "table_identities",
                columns: table => new
                {
                    role = table.Column<string>(type: "text", nullable: false),
                    identity = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_table_identities", x => x.role);
                });

            migrationBuilder.CreateIndex(
                name: "ix_documents_name_folded_next",
                table: "documents_next",
                column: "name_folded");

            migrationBuilder.CreateIndex(
                name: "ix_documents_package_next",
                table: "documents_next",
                columns: new[] { "package", "repository" });

            migrationBuilder.CreateIndex(
                name: "ix_documents_terms_next",
                table: "documents_next",
                column: "terms")
                .Annotation("Npgsql:IndexMethod", "gin");

            migrationBuilder.CreateIndex(
                name: "ix_name_terms_remainders_next",
                table: "name_terms_next",
                column: "remainders")
                .Annotation("Npgsql:IndexMethod", "gin");

            // The tables in use get an identity, and their position moves to it; the version before this one goes on with its own.
            migrationBuilder.Sql("""
                WITH live AS (INSERT INTO table_identities (role, identity) VALUES ('live', gen_random_uuid()) RETURNING identity)
                INSERT INTO indexes (identity, engine, epoch, position, created_at)
                SELECT live.identity, 'postgresql', known.epoch, coalesce(known.position, 0), now()
                FROM live LEFT JOIN positions AS known ON known.feed = 'changes'
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "documents_next");

            migrationBuilder.DropTable(
                name: "engines");

            migrationBuilder.DropTable(
                name: "indexes");

            migrationBuilder.DropTable(
                name: "name_terms_next");

            migrationBuilder.DropTable(
                name: "table_identities");
        }
    }
}
