/**
 * The files of a ZIP, each by itself, so that each is sent and has its outcome like one that was chosen.
 *
 *     for await (const file of filesOf(archive)) send(file);
 *
 * It is read here, so that the server unpacks nothing. A file that unpacks to more than it may have ends there.
 */

/** Files of one ZIP; what has more is refused as a whole. */
const MOST_FILES = 10_000;
/** The end of a ZIP with its comment, and the least of it without one, in bytes. */
const MOST_TAIL = 65_557;
const LEAST_TAIL = 22;
const END = 0x06054b50;
const ENTRY = 0x02014b50;
const ENCRYPTED = 1;
const UTF8 = 0x800;
const STORED = 0;
const DEFLATED = 8;

/** What is said of a ZIP that cannot be read, or of a file in it. */
export class Unreadable extends Error {}

const viewOf = async (blob: Blob): Promise<DataView> => new DataView(await blob.arrayBuffer());

/** Names of old programs in China are in GBK, and nothing says so. */
function nameOf(bytes: Uint8Array, isUtf8: boolean): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder(isUtf8 ? "utf-8" : "gb18030").decode(bytes);
  }
}

async function unpacked(blob: Blob, most: number): Promise<Blob> {
  const reader = blob.stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const parts: BlobPart[] = [];
  let size = 0;
  // One byte more than a file may have is enough to be refused.
  while (size <= most) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    size += value.length;
  }
  void reader.cancel().catch(() => undefined);
  return new Blob(parts);
}

/** Whether a file is a ZIP by its name: a Word file is one by its bytes, too. */
export const isZip = ({ name }: File): boolean => /\.zip$/i.test(name);

/**
 * The files in a ZIP in their order, but for folders and what systems hide there.
 *
 * @param most bytes that a file may have
 * @param skipped is told the name of each file that cannot be unpacked, as it has a password
 */
export async function* filesOf(
  archive: File,
  most: number,
  skipped: (name: string) => void,
): AsyncGenerator<File> {
  const tail = await viewOf(archive.slice(-MOST_TAIL));
  let at = tail.byteLength - LEAST_TAIL;
  while (at >= 0 && tail.getUint32(at, true) !== END) at--;
  if (at < 0) throw new Unreadable("这不是完整的 ZIP 压缩包");
  const [count, size, start] = [
    tail.getUint16(at + 10, true),
    tail.getUint32(at + 12, true),
    tail.getUint32(at + 16, true),
  ];
  if (count > MOST_FILES || start + size > archive.size)
    throw new Unreadable("这个 ZIP 压缩包太大或不完整，请分成几个");
  const list = await viewOf(archive.slice(start, start + size));
  for (let place = 0, left = count; left > 0; left--) {
    if (place + 46 > size || list.getUint32(place, true) !== ENTRY)
      throw new Unreadable("这个 ZIP 压缩包不完整");
    const short = (offset: number): number => list.getUint16(place + offset, true);
    const [flags, method, length] = [short(8), short(10), short(28)];
    const [packed, local] = [list.getUint32(place + 20, true), list.getUint32(place + 42, true)];
    const path = nameOf(new Uint8Array(list.buffer, place + 46, length), (flags & UTF8) !== 0);
    place += 46 + length + short(30) + short(32);
    const name = path.split(/[\\/]/).pop() ?? "";
    if (!name || name.startsWith(".") || path.startsWith("__MACOSX/")) continue;
    if (flags & ENCRYPTED || (method !== STORED && method !== DEFLATED)) {
      skipped(name);
      continue;
    }
    const head = await viewOf(archive.slice(local, local + 30));
    if (head.byteLength < 30) throw new Unreadable("这个 ZIP 压缩包不完整");
    const begin = local + 30 + head.getUint16(26, true) + head.getUint16(28, true);
    const data = archive.slice(begin, begin + packed);
    try {
      yield new File([method === STORED ? data : await unpacked(data, most)], name);
    } catch {
      skipped(name);
    }
  }
}
