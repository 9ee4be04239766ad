using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Registry.PackageService.Data.Migrations
{
    /// <inheritdoc />
    public partial class Advisories : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "advisories",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false),
                    package = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    title = table.Column<string>(type: "text", nullable: false),
                    url = table.Column<string>(type: "text", nullable: false),
                    severity = table.Column<string>(type: "text", nullable: false),
                    vulnerable_versions = table.Column<string>(type: "text", nullable: false),
                    patched_versions = table.Column<string>(type: "text", nullable: true),
                    cwe = table.Column<string[]>(type: "text[]", nullable: false),
                    cvss_score = table.Column<double>(type: "double precision", nullable: true),
                    cvss_vector = table.Column<string>(type: "text", nullable: true),
                    overview = table.Column<string>(type: "text", nullable: true),
                    recommendation = table.Column<string>(type: "text", nullable: true),
                    access = table.Column<string>(type: "text", nullable: false),
                    published_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    withdrawn_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    source = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_advisories", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_advisories_package",
                table: "advisories",
                column: "package");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "advisories");
        }
    }
}
