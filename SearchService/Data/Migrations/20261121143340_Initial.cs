using System;
using Microsoft.EntityFrameworkCore.Migrations;
using NpgsqlTypes;

#nullable disable

namespace Registry.SearchService.Data.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "documents",
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
                    table.PrimaryKey("pk_documents", x => new { x.repository, x.package });
                });

            migrationBuilder.CreateTable(
                name: "name_terms",
                columns: table => new
                {
                    term = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    remainders = table.Column<string[]>(type: "text[]", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_name_terms", x => x.term);
                });

            migrationBuilder.CreateTable(
                name: "positions",
                columns: table => new
                {
                    feed = table.Column<string>(type: "text", nullable: false),
                    epoch = table.Column<Guid>(type: "uuid", nullable: false),
                    position = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_positions", x => x.feed);
                });

            migrationBuilder.CreateTable(
                name: "refused",
                columns: table => new
                {
                    repository = table.Column<string>(type: "text", nullable: false),
                    package = table.Column<string>(type: "text", nullable: false),
                    revision = table.Column<long>(type: "bigint", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: false),
                    refused_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_refused", x => new { x.repository, x.package });
                });

            migrationBuilder.CreateIndex(
                name: "ix_documents_name_folded",
                table: "documents",
                column: "name_folded");

            migrationBuilder.CreateIndex(
                name: "ix_documents_package",
                table: "documents",
                columns: new[] { "package", "repository" });

            migrationBuilder.CreateIndex(
                name: "ix_documents_terms",
                table: "documents",
                column: "terms")
                .Annotation("Npgsql:IndexMethod", "gin");

            migrationBuilder.CreateIndex(
                name: "ix_name_terms_remainders",
                table: "name_terms",
                column: "remainders")
                .Annotation("Npgsql:IndexMethod", "gin");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "documents");

            migrationBuilder.DropTable(
                name: "name_terms");

            migrationBuilder.DropTable(
                name: "positions");

            migrationBuilder.DropTable(
                name: "refused");
        }
    }
}
