/** Where the outbox lies: in IndexedDB, for all tabs. Where a browser has none, it lasts as long as the page. */
const NAME = "talentfeed";
const STORE = "outbox";
let opening: Promise<IDBDatabase | null> | undefined;

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB"));
  });

function open(): Promise<IDBDatabase | null> {
  return (opening ??= (async () => {
    try {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" });
      return await done(request);
    } catch {
      return null;
    }
  })());
}

/** Use the store; returns `otherwise` where there is none, or where it is full. */
async function using<T>(
  mode: IDBTransactionMode,
  use: (store: IDBObjectStore) => IDBRequest<T>,
  otherwise: T,
): Promise<T> {
  const database = await open();
  try {
    return database ? await done(use(database.transaction(STORE, mode).objectStore(STORE))) : otherwise;
  } catch {
    return otherwise;
  }
}

/** Everything that is kept, of every account; null without a store. */
export const keptActs = <T>(): Promise<T[] | null> =>
  using<T[] | null>("readonly", (store) => store.getAll() as IDBRequest<T[] | null>, null);

/** Keep an act, or what changed of it. Returns whether it is kept. */
export const keepAct = async (act: { id: string }): Promise<boolean> =>
  (await using<IDBValidKey>("readwrite", (store) => store.put(JSON.parse(JSON.stringify(act))), "")) !== "";

/** Whether an act is still kept: another tab may have sent it. Without a store nobody else has. */
export const isKept = async (id: string): Promise<boolean> =>
  (await using<IDBValidKey | undefined>("readonly", (store) => store.getKey(id), id)) !== undefined;

export const dropAct = async (id: string): Promise<void> => {
  await using<undefined>("readwrite", (store) => store.delete(id), undefined);
};
