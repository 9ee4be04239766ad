namespace Registry.AuthService.Features.WebLogin;

/// <summary>The pages' style, in the colours of Web's. It is part of the document: the content security policy names it by its hash.</summary>
internal static class Style
{
    public const string Text =
        """
        :root { --ground: #fbfbfd; --surface: #fff; --ink: #16181d; --muted: #596070; --line: #e0e3ea; --field: #868d9c; --accent: #4338ca;
          --accent-ink: #fff; --warn-ground: #fff4e0; --warn-ink: #7a4300; --bad-ground: #fdecec; --bad-ink: #9b1c1c; color-scheme: light dark; }
        @media (prefers-color-scheme: dark) {
          :root { --ground: #0e1016; --surface: #171a23; --ink: #e9ebf1; --muted: #a2a9b8; --line: #2a2f3c; --accent: #a5a0ff;
            --accent-ink: #14132b; --warn-ground: #3a2a10; --warn-ink: #ffd699; --bad-ground: #3a1717; --bad-ink: #ffb4b4; }
        }
        *, *::before, *::after { box-sizing: border-box; }
        body { margin: 0; min-height: 100vh; background: var(--ground); color: var(--ink); overflow-wrap: anywhere;
          font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
        header { background: var(--surface); border-bottom: 1px solid var(--line); }
        .brand { margin: 0 auto; max-width: 30rem; padding: 1rem 1.25rem; font-weight: 650; font-size: 1.1rem; }
        main { max-width: 30rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; display: grid; gap: 1rem; }
        h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; letter-spacing: -0.015em; }
        p, dl, dd { margin: 0; }
        .muted { color: var(--muted); }
        dl { display: grid; gap: 0.25rem; padding: 0.9rem 1rem; background: var(--surface); border: 1px solid var(--line); border-radius: 10px; }
        dl div { display: flex; gap: 1rem; }
        dt { flex: 0 0 4rem; color: var(--muted); }
        .warning, .error { padding: 0.75rem 1rem; border-radius: 10px; }
        .warning { background: var(--warn-ground); color: var(--warn-ink); }
        .error { background: var(--bad-ground); color: var(--bad-ink); }
        form { display: grid; gap: 0.35rem; }
        label { font-weight: 600; margin-top: 0.65rem; }
        label .muted { font-weight: 400; }
        input { width: 100%; height: 2.75rem; padding: 0 0.85rem; font: inherit; color: var(--ink); background: var(--surface);
          border: 1px solid var(--field); border-radius: 8px; }
        .actions { display: flex; flex-wrap: wrap; gap: 0.75rem; margin-top: 1.1rem; }
        button { height: 2.75rem; padding: 0 1.25rem; font: inherit; font-weight: 600; cursor: pointer; border-radius: 8px;
          background: var(--accent); color: var(--accent-ink); border: 1px solid var(--accent); }
        button.second { background: transparent; color: var(--accent); }
        button:hover { filter: brightness(1.1); }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
        """;
}
