using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Registry.PackageService.Data.Migrations
{
    /// <inheritdoc />
    public partial class VersionDocuments : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // packages.readme and packages.readme_filename stay for the code before this; nothing reads them any more.

            migrationBuilder.AddColumn<byte[]>(
                name: "abbreviated_head",
                table: "versions",
                type: "bytea",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "dist",
                table: "versions",
                type: "bytea",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "full_head",
                table: "versions",
                type: "bytea",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "layout",
                table: "versions",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "provenance_type",
                table: "versions",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "signature",
                table: "versions",
                type: "bytea",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "signature_key_id",
                table: "versions",
                type: "text",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_versions_layout",
                table: "versions",
                column: "layout");

            migrationBuilder.CreateTable(
                name: "attestations",
                columns: table => new
                {
                    version_id = table.Column<long>(type: "bigint", nullable: false),
                    predicate_type = table.Column<string>(type: "text", nullable: false),
                    bundle = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_attestations", x => x.version_id);
                    table.ForeignKey(
                        name: "fk_attestations_version_id",
                        column: x => x.version_id,
                        principalTable: "versions",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "readmes",
                columns: table => new
                {
                    version_id = table.Column<long>(type: "bigint", nullable: false),
                    text = table.Column<string>(type: "text", nullable: false),
                    filename = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_readmes", x => x.version_id);
                    table.ForeignKey(
                        name: "fk_readmes_version_id",
                        column: x => x.version_id,
                        principalTable: "versions",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "signing_keys",
                columns: table => new
                {
                    key_id = table.Column<string>(type: "text", nullable: false),
                    public_key = table.Column<byte[]>(type: "bytea", nullable: false),
                    private_key = table.Column<byte[]>(type: "bytea", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_signing_keys", x => x.key_id);
                });

            // A packument reads the fragments of every version: up to a page of them lies in the row, not elsewhere and compressed.
            migrationBuilder.Sql("ALTER TABLE versions SET (toast_tuple_target = 8160)");

            // What a package shows is the readme of the version that the last publish made the latest.
            migrationBuilder.Sql(
                """
                INSERT INTO readmes (version_id, text, filename)
                SELECT v.id, p.readme, p.readme_filename FROM packages p
                JOIN dist_tags t ON t.package_id = p.id AND t.tag = 'latest' AND NOT t.moved_by_hand
                JOIN versions v ON v.package_id = p.id AND v.version = t.version
                WHERE p.readme IS NOT NULL
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("ALTER TABLE versions RESET (toast_tuple_target)");

            migrationBuilder.DropIndex(
                name: "ix_versions_layout",
                table: "versions");

            migrationBuilder.DropTable(
                name: "attestations");

            migrationBuilder.DropTable(
                name: "readmes");

            migrationBuilder.DropTable(
                name: "signing_keys");

            migrationBuilder.DropColumn(
                name: "abbreviated_head",
                table: "versions");

            migrationBuilder.DropColumn(
                name: "dist",
                table: "versions");

            migrationBuilder.DropColumn(
                name: "full_head",
                table: "versions");

            migrationBuilder.DropColumn(
                name: "layout",
                table: "versions");

            migrationBuilder.DropColumn(
                name: "provenance_type",
                table: "versions");

            migrationBuilder.DropColumn(
                name: "signature",
                table: "versions");

            migrationBuilder.DropColumn(
                name: "signature_key_id",
                table: "versions");
        }
    }
}
