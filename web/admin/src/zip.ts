import { BlobReader, configure, ZipReader } from "@zip.js/zip.js/lib/zip-core-external.js";

/** Files of one ZIP; what has more is refused as a whole. */
const MOST_FILES = 10_000;

configure({ useWebWorkers: false }); // the page's policy has none

/** What is said of a ZIP that cannot be read. */
export class Unreadable extends Error {}

/** Names of old programs in China are in GBK, and nothing says so. */
function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("gb18030").decode(bytes);
  }
}

/** Whether a file is a ZIP by its name: a Word file is one by its bytes, too. */
export const isZip = ({ name }: File): boolean => /\.zip$/i.test(name);

/**
 * The files in a ZIP in their order, but for folders and what systems hide there: each is sent by itself.
 *
 * It is read here, so that the server unpacks nothing.
 *
 * @param most bytes that a file may have; one that unpacks to more ends after these, and is refused when it is sent
 * @param skipped is told the name of each file that cannot be unpacked, as it has a password
 */
export async function* filesOf(
  archive: File,
  most: number,
  skipped: (name: string) => void,
): AsyncGenerator<File> {
  const reader = new ZipReader(new BlobReader(archive), { decodeText });
  const entries = await reader.getEntries().catch(() => {
    throw new Unreadable("这不是完整的 ZIP 压缩包");
  });
  if (entries.length > MOST_FILES) throw new Unreadable("这个 ZIP 压缩包里的文件太多，请分成几个");
  for (const entry of entries) {
    const name = entry.filename.split(/[\\/]/).pop() ?? "";
    if (entry.directory || !name || name.startsWith(".") || entry.filename.startsWith("__MACOSX/")) continue;
    const parts: BlobPart[] = [];
    let size = 0;
    const sink = new WritableStream<Uint8Array<ArrayBuffer>>({
      write(part) {
        parts.push(part);
        size += part.length;
        if (size > most) throw new Unreadable(name);
      },
    });
    try {
      await entry.getData(sink);
    } catch {
      if (size <= most) {
        skipped(name);
        continue;
      }
    }
    yield new File(parts, name);
  }
}
