// What a page in the browser shows. Expressions are strings, because they run there.
import type { Page } from "playwright-core";

/** Every picture's natural width once it has loaded or failed; 0 for one that does not show. */
export async function pictureWidths(page: Page): Promise<Readonly<Record<string, number>>> {
  return Object.fromEntries(
    await page.evaluate<[string, number][]>(
      `Promise.all([...document.images].map(async (image) => {
        await image.decode().catch(() => {});
        return [image.getAttribute("src"), image.naturalWidth];
      }))`,
    ),
  );
}

/** Seeks the page's video, plays until its clock has moved on, and says where it stands. */
export async function playVideoFrom(page: Page, seconds: number): Promise<number> {
  return await page.evaluate<number>(
    `new Promise((resolve, reject) => {
      const video = document.querySelector("video");
      video.muted = true;
      video.onerror = () => reject(new Error("the video does not load"));
      video.onseeked = () => video.play().catch(reject);
      video.ontimeupdate = () => video.currentTime > ${seconds} + 0.1 && resolve(video.currentTime);
      video.currentTime = ${seconds};
    })`,
  );
}

/** Seconds of the page's audio, once it is known. */
export async function audioDuration(page: Page): Promise<number> {
  return await page.evaluate<number>(
    `new Promise((resolve, reject) => {
      const audio = document.querySelector("audio");
      audio.onerror = () => reject(new Error("the audio does not load"));
      audio.onloadedmetadata = () => resolve(audio.duration);
      audio.readyState > 0 ? resolve(audio.duration) : audio.load();
    })`,
  );
}

/** The page's own URL, and every one on its origin that it names. */
export async function assetUrls(page: Page): Promise<readonly string[]> {
  const urls = await page.evaluate<string[]>(
    `[...document.querySelectorAll("[src], [href], [poster]")].flatMap((element) =>
      ["src", "href", "poster"].map((name) => element.getAttribute(name)).filter(Boolean)
    ).map((url) => new URL(url, document.baseURI).href).filter((url) => url.startsWith(location.origin + "/"))`,
  );
  return [...new Set([page.url(), ...urls])];
}

/** Fetches each URL past the browser's cache: its status and `X-Cache`. */
export async function fetchAll(
  page: Page,
  urls: readonly string[],
): Promise<readonly { url: string; status: number; cache: string }[]> {
  return await page.evaluate(
    `Promise.all(${JSON.stringify(urls)}.map(async (url) => {
      const response = await fetch(url, { cache: "no-store" });
      await response.arrayBuffer();
      return { url, status: response.status, cache: response.headers.get("x-cache") };
    }))`,
  );
}

/** Embeds each URL as a picture: whether it showed. */
export async function showsAsPicture(page: Page, urls: readonly string[]): Promise<readonly boolean[]> {
  return await page.evaluate(
    `Promise.all(${JSON.stringify(urls)}.map((url) => new Promise((resolve) => {
      const image = new Image();
      image.onload = () => resolve(true);
      image.onerror = () => resolve(false);
      image.src = url;
    })))`,
  );
}

/** Whether everything fits the window's width. */
export async function fitsWidth(page: Page): Promise<boolean> {
  return await page.evaluate("document.documentElement.scrollWidth <= innerWidth");
}
