// A single-page app below `/app/`.
import { defineConfig } from "vite";

export default defineConfig({ base: "/app/" });
