using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Registry.PackageService.Data.Migrations
{
    /// <inheritdoc />
    public partial class ChangeDetailsAndStars : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "detail",
                table: "changes",
                type: "jsonb",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "stars",
                columns: table => new
                {
                    package_id = table.Column<long>(type: "bigint", nullable: false),
                    user_id = table.Column<string>(type: "text", nullable: false),
                    user_name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    starred_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_stars", x => new { x.package_id, x.user_id });
                    table.ForeignKey(
                        name: "fk_stars_package_id",
                        column: x => x.package_id,
                        principalTable: "packages",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_stars_user_name_package_id",
                table: "stars",
                columns: new[] { "user_name", "package_id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "stars");

            migrationBuilder.DropColumn(
                name: "detail",
                table: "changes");
        }
    }
}
