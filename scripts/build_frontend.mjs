// Builds the two files that are more than a copy: the trimmed style sheet and the icon sprite.
// Called by vendor_frontend.sh with the folder of unpacked packages and the folder of static files.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import postcss from "postcss";
import { transform } from "lightningcss";

const [work, target] = process.argv.slice(2);

// Families of classes left out: components that need Tabler's scripts (our menus are <details>, our dialogs <dialog>),
// widgets of other libraries, the navigation bar (the frame has its own), and shades beyond the tokens in milepost.css.
const DROPPED = [
  "navbar", "nav-tabs", "offcanvas", "modal", "popover", "bs-popover", "tooltip", "bs-tooltip", "carousel", "toast",
  "accordion", "collapsing", "collapse", "dropdown", "dropup", "dropend", "dropstart", "ribbon", "otp", "signature",
  "signal", "chat", "calendar", "litepicker", "flatpickr", "vc", "ts", "tom-select", "noUi", "dropzone", "dz",
  "sortable", "mention", "legend", "tracking", "avatar", "page", "status", "steps", "step-item", "step", "empty",
  "card-tabs", "card-stamp", "card-rotate", "card-img", "card-cover", "apexcharts", "chart", "jvm", "plyr", "fslightbox",
  "img", "form-colorinput", "form-imagecheck", "form-selectgroup", "form-rating", "strength", "switch-icon", "theme",
  "layout", "divide", "link", "progressbg", "loader", "dimmer", "ratio", "columns", "float", "hr-text", "btn-check",
  "form-floating", "form-range", "gradient-text", "scroll-x", "tinymce", "fc", "turbo", "sparkline", "timeline", "tag",
  "nav-pills", "nav-underline", "nav-segmented", "nav-bordered", "nav-vertical", "object", "bg-pattern", "tracking",
  "antialiased", "input-icon-addon", "payment", "flag", "social", "wordmark", "brand", "icon-pulse", "icon-tada",
  "icon-rotate", "icon-filled", "countup", "inline-player", "stars", "gl-star", "photogrid", "blockquote", "display", "figure",
];
const SHADES = "blue|azure|indigo|purple|pink|red|orange|yellow|lime|green|teal|cyan|x|facebook|twitter|linkedin|google|"
  + "youtube|vimeo|dribbble|github|instagram|pinterest|vk|rss|flickr|bitbucket|tabler|gray|dark|light|black|info|muted";
const DROPPED_PATTERNS = [
  new RegExp(`\\.(${DROPPED.join("|")})(?![a-z0-9_])`),
  new RegExp(`\\.(bg|btn|btn-outline|btn-ghost|text|border|alert|badge|table|list-group-item|progress|link|icon)-(${SHADES})(?![a-z])`),
  /\.(bg|text|border)-(gradient|primary|secondary|success|warning|danger|body|transparent|white)-[a-z0-9-]+/,
  /-xxl(?![a-z])/,
  /^body\.|body\[data-|html\[data-bs-navbar|data-vc|\[data-theme/,
];

function withoutDropped(css) {
  const root = postcss.parse(css);
  root.walkRules((rule) => {
    if (rule.parent.type === "atrule" && rule.parent.name.endsWith("keyframes")) return;
    rule.selectors = rule.selectors.filter((one) => !DROPPED_PATTERNS.some((pattern) => pattern.test(one)));
    if (rule.selectors.length === 0 || rule.selector === "") rule.remove();
  });
  const used = root.toString();
  root.walkAtRules(/keyframes$/, (rule) => {
    if (!new RegExp(`animation[^;]*\\b${rule.params}\\b`).test(used)) rule.remove();
  });
  root.walkAtRules((rule) => {
    if (rule.nodes && rule.nodes.length === 0) rule.remove();
  });
  root.walkDecls(/^--tblr-/, (decl) => {
    if (!used.includes(`var(${decl.prop}`)) decl.remove();
  });
  return root.toString().replace('@charset "UTF-8";', "");
}

function iconLines() {
  return readFileSync(join(target, "icons.txt"), "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([name]) => name && !name.startsWith("#"));
}

function strokes(name) {
  const svg = readFileSync(join(work, "icons/icons/outline", `${name}.svg`), "utf8");
  return [...svg.matchAll(/<path(?! stroke="none")[^>]*\sd="([^"]+)"[^>]*>/g)].map((match) => match[1]);
}

function sprite(names) {
  const symbols = names.map((name) => {
    const paths = strokes(name).map((d) => `<path d="${d}"/>`).join("");
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" `
      + `stroke-linecap="round" stroke-linejoin="round">${paths}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`;
}

function properties(names) {
  const lines = names.map((name) => {
    const paths = strokes(name).map((d) => `<path d='${d}'/>`).join("");
    const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='#000' stroke-width='2' `
      + `stroke-linecap='round' stroke-linejoin='round'>${paths}</svg>`;
    return `--icon-${name}:url("data:image/svg+xml,${svg.replace(/#/g, "%23").replace(/</g, "%3C").replace(/>/g, "%3E")}")`;
  });
  return `:root{${lines.join(";")}}`;
}

const banner = readFileSync(join(work, "tabler/dist/css/tabler.css"), "utf8");
const copyright = [...banner.matchAll(/^ \* (Copyright .*)$/gm)].map((match) => match[1]);
const icons = iconLines();
const body = withoutDropped(banner) + properties(icons.filter(([, use]) => use === "css").map(([name]) => name));
// "first" stands before "tabler" because, among important declarations, the earlier layer wins: what milepost.css puts
// there (printing, hiding) holds against Tabler's important utilities.
const { code } = transform({
  filename: "tabler.css",
  code: Buffer.from(`@layer first, tabler;\n@layer tabler {\n${body}\n}`),
  minify: true,
});
const notice = `/*! Tabler (trimmed) | ${copyright.join(" | ")} | MIT | see LICENSE and ../VERSIONS.md */\n`;
writeFileSync(join(target, "vendor/tabler/tabler.min.css"), notice + code.toString() + "\n");
writeFileSync(join(target, "icons.svg"), sprite(icons.map(([name]) => name)));

// The package of the style sheet carries no licence file of its own; its banner names the licence and the holders.
const mit = readFileSync(join(work, "icons/LICENSE"), "utf8");
writeFileSync(join(target, "vendor/tabler/LICENSE"), mit.replace(/^Copyright .*$/m, copyright.join("\n")));
