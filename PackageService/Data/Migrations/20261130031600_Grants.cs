using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Registry.PackageService.Data.Migrations
{
    /// <inheritdoc />
    public partial class Grants : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "automation_token_overrides_tfa",
                table: "packages",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "publish_requires_tfa",
                table: "packages",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateTable(
                name: "grants",
                columns: table => new
                {
                    package_id = table.Column<long>(type: "bigint", nullable: false),
                    scope = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    team = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    team_id = table.Column<string>(type: "text", nullable: false),
                    can_write = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_grants", x => new { x.package_id, x.scope, x.team });
                    table.ForeignKey(
                        name: "fk_grants_package_id",
                        column: x => x.package_id,
                        principalTable: "packages",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_grants_team_id",
                table: "grants",
                column: "team_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "grants");

            migrationBuilder.DropColumn(
                name: "automation_token_overrides_tfa",
                table: "packages");

            migrationBuilder.DropColumn(
                name: "publish_requires_tfa",
                table: "packages");
        }
    }
}
