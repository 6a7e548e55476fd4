// What there is to look at: the objects that were named, and those that links and listings lead to.
import { type Answer, header, text } from "./answer.ts";
import { type Listing, listedPaths, parseListing } from "./listing.ts";
import type { Options } from "./options.ts";
import { askAsUser, endpoint } from "./subject.ts";
import type { User } from "./user.ts";

/** Objects and folders, as paths in a URL. */
export interface Places {
  /** The object that most checks read, and what the user got for it at first. */
  readonly object: { readonly path: string; readonly answer: Answer };
  /** Others that exist; asked for by nobody yet. */
  readonly others: readonly string[];
  /** Folders that the gate lists for the user; each ends with a slash. */
  readonly folders: readonly string[];
}

type Asker = { readonly options: Options; readonly user: User };

const MAX_FOLDERS = 8;
const MAX_OTHERS = 24;

/** Looks around; asks for one object only, so that the others stay as cold as they are. */
export async function findPlaces(asker: Asker): Promise<Places> {
  const { paths } = asker.options;
  const first = await lookAt(asker, paths.object ?? "/");
  const folders = [...new Set([folderOf(first.path), ...linksIn(first, asker).map(folderOf), "/"])];
  const lists = await listAll(asker, folders.slice(0, MAX_FOLDERS));
  const listed = [...lists].flatMap(([folder, listing]) => listedPaths(folder, listing));
  const isThere = first.answer.status === 200 || paths.object !== undefined || listed.length === 0;
  const object = isThere ? first : await lookAt(asker, listed[0] ?? "/");
  const others = [...new Set(listed)].filter(
    (path) => path !== object.path && path !== `${object.path}index.html`,
  );
  return { object, others: others.slice(0, MAX_OTHERS), folders: [...lists.keys()] };
}

async function lookAt(asker: Asker, path: string): Promise<Places["object"]> {
  return { path, answer: await askAsUser(asker, path) };
}

/** Paths that a page leads to on its own origin, but for the gate's endpoints. */
function linksIn({ path, answer }: Places["object"], { options }: Asker): readonly string[] {
  if (!header(answer, "content-type").includes("html")) return [];
  const links = [...text(answer).matchAll(/(?:href|src)="([^"]+)"/g)].map(([, link = ""]) => link);
  const base = new URL(path, options.url).href;
  return links
    .flatMap((link) => (URL.canParse(link, base) ? [new URL(link, base)] : []))
    .filter(({ origin, pathname }) => origin === options.url.origin && !pathname.startsWith(options.basePath))
    .map(({ pathname }) => pathname);
}

/** The path up to its last slash. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

async function listAll(asker: Asker, folders: readonly string[]): Promise<ReadonlyMap<string, Listing>> {
  const found = new Map<string, Listing>();
  for (const folder of folders) {
    const listing = parseListing(text(await askAsUser(asker, listTarget(asker, folder, "max-keys=20"))));
    if (listing) found.set(folder, listing);
  }
  return found;
}

/** The address of a folder's listing. */
export function listTarget(asker: Pick<Asker, "options">, folder: string, query = ""): string {
  return endpoint(asker, `list${folder}`) + (query && `?${query}`);
}
