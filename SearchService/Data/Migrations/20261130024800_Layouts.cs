using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Registry.SearchService.Data.Migrations
{
    /// <inheritdoc />
    public partial class Layouts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "layout",
                table: "indexes",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            // Documents that are written from now on are kept as this version does; an index that holds some is rebuilt.
            migrationBuilder.Sql("UPDATE indexes SET layout = 1 WHERE engine = 'postgresql' AND NOT EXISTS (SELECT FROM documents)");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "layout",
                table: "indexes");
        }
    }
}
