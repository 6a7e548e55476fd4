// A documentation site as people write one: pages, folders, clean URLs, a search, a picture.
import { defineConfig } from "vitepress";

export default defineConfig({
  title: "Handbook",
  base: "/docs/",
  cleanUrls: true,
  themeConfig: {
    search: { provider: "local" },
    nav: [
      { text: "Guide", link: "/guide/" },
      { text: "About", link: "/about" },
    ],
    sidebar: [
      { text: "Start", link: "/guide/" },
      { text: "First steps", link: "/guide/first-steps" },
      { text: "Version 1.2", link: "/guide/v1.2" },
      { text: "With spaces", link: "/guide/with spaces" },
      { text: "About", link: "/about" },
    ],
  },
});
