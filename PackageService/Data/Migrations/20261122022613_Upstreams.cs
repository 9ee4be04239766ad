using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Registry.PackageService.Data.Migrations
{
    /// <inheritdoc />
    public partial class Upstreams : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "uses_upstreams",
                table: "repositories",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateTable(
                name: "upstream_packuments",
                columns: table => new
                {
                    upstream = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    abbreviated = table.Column<bool>(type: "boolean", nullable: false),
                    source = table.Column<string>(type: "text", nullable: false),
                    revision = table.Column<string>(type: "text", nullable: true),
                    body = table.Column<byte[]>(type: "bytea", nullable: true),
                    etag = table.Column<string>(type: "text", nullable: true),
                    last_modified = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    changed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    checked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    used_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    lease_owner = table.Column<Guid>(type: "uuid", nullable: true),
                    lease_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    failure = table.Column<string>(type: "text", nullable: true),
                    failed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_upstream_packuments", x => new { x.upstream, x.name, x.abbreviated });
                });

            migrationBuilder.CreateTable(
                name: "upstream_tarballs",
                columns: table => new
                {
                    upstream = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    version = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    digest = table.Column<string>(type: "text", nullable: true),
                    size_bytes = table.Column<long>(type: "bigint", nullable: false),
                    integrity = table.Column<string>(type: "text", nullable: true),
                    stored_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    used_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    lease_owner = table.Column<Guid>(type: "uuid", nullable: true),
                    lease_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    failure = table.Column<string>(type: "text", nullable: true),
                    failed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_upstream_tarballs", x => new { x.upstream, x.name, x.version });
                });

            migrationBuilder.CreateTable(
                name: "upstreams",
                columns: table => new
                {
                    name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    entry = table.Column<string>(type: "text", nullable: true),
                    revision = table.Column<long>(type: "bigint", nullable: false),
                    changed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    changed_by = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_upstreams", x => x.name);
                });

            migrationBuilder.UpdateData(
                table: "repositories",
                keyColumn: "id",
                keyValue: 1,
                column: "uses_upstreams",
                value: true);

            migrationBuilder.UpdateData(
                table: "repositories",
                keyColumn: "id",
                keyValue: 2,
                column: "uses_upstreams",
                value: false);

            migrationBuilder.CreateIndex(
                name: "ix_upstream_packuments_used_at",
                table: "upstream_packuments",
                column: "used_at");

            migrationBuilder.CreateIndex(
                name: "ix_upstream_tarballs_digest",
                table: "upstream_tarballs",
                column: "digest");

            migrationBuilder.CreateIndex(
                name: "ix_upstream_tarballs_used_at",
                table: "upstream_tarballs",
                column: "used_at");

            // A name stays ours when its package is removed, in every spelling.
            migrationBuilder.Sql("CREATE INDEX ix_tombstones_folded ON tombstones (repository_id, lower(translate(name, '-_.', '')))");
            migrationBuilder.Sql("ALTER TABLE upstream_packuments ALTER COLUMN body SET STORAGE EXTERNAL"); // gzip already
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP INDEX ix_tombstones_folded");
            migrationBuilder.DropTable(
                name: "upstream_packuments");

            migrationBuilder.DropTable(
                name: "upstream_tarballs");

            migrationBuilder.DropTable(
                name: "upstreams");

            migrationBuilder.DropColumn(
                name: "uses_upstreams",
                table: "repositories");
        }
    }
}
