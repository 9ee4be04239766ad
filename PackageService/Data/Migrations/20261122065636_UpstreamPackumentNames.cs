using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Registry.PackageService.Data.Migrations
{
    /// <inheritdoc />
    public partial class UpstreamPackumentNames : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "ix_upstream_packuments_name",
                table: "upstream_packuments",
                column: "name");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_upstream_packuments_name",
                table: "upstream_packuments");
        }
    }
}
