"""How the folder page looks: by day and by night, on a wide screen and on a phone."""

STYLE = """
:root{color-scheme:light dark;--text:#1c2024;--dim:#697077;--line:#e3e6ea;--link:#0b5cad;--back:#fff;
--over:#f4f7fb}
@media(prefers-color-scheme:dark){:root{--text:#e4e7ea;--dim:#98a1aa;--line:#2b3138;--link:#7db7f5;--back:#15181b;
--over:#1e2329}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--text);font:16px/1.45 system-ui,sans-serif}
main{max-width:60rem;margin:0 auto;padding:1.5rem 1rem}
a{color:var(--link);text-decoration:none}
a:hover{text-decoration:underline}
nav{font-size:1.15rem;margin-bottom:1rem;overflow-wrap:anywhere}
nav span{color:var(--dim);margin:0 .35em}
nav a[aria-current]{color:var(--text);font-weight:600}
table{width:100%;border-collapse:collapse}
th{font-weight:600;font-size:.85rem;border-bottom:2px solid var(--line)}
th a{color:var(--dim)}
td{border-bottom:1px solid var(--line)}
th,td{text-align:left;padding:.45rem .5rem}
tbody tr:hover{background:var(--over)}
.name{overflow-wrap:anywhere;white-space:pre-wrap}
.folder{font-weight:600}
.size,.time{width:1%;white-space:nowrap;text-align:right;font-variant-numeric:tabular-nums}
td.size,td.time,footer{color:var(--dim)}
footer{padding:.8rem .5rem;font-size:.85rem}
@media(max-width:32rem){main{padding:1rem .25rem}.time{display:none}th,td{padding:.65rem .5rem}}
""".replace("\n", "")
