// What a phone keeps in IndexedDB; a reload, a locked screen or an empty battery loses nothing.

/** A page's store of values by key; where the browser keeps nothing, they last as long as the page. */
export class Kept {
  #name;
  #memory = new Map();
  #database = null;

  /** Whether what is kept outlasts this page. */
  isLasting = true;

  constructor(name) { this.#name = name; }

  /** Reads a value; `undefined` if there is none. */
  async read(key) {
    if (this.#memory.has(key)) return this.#memory.get(key);
    try {
      return await this.#tryTwice('readonly', (values) => values.get(key));
    } catch {
      this.isLasting = false;
      return undefined;
    }
  }

  /** Keeps a value. */
  async keep(key, value) {
    this.#memory.set(key, value);
    try {
      await this.#tryTwice('readwrite', (values) => values.put(value, key));
      this.isLasting = true;
    } catch {
      this.isLasting = false;
    }
  }

  /** Uses the store, and once more with a new connection if that fails. */
  async #tryTwice(mode, use) {
    try {
      return await this.#use(mode, use);
    } catch {
      this.#database = null;
      return this.#use(mode, use);
    }
  }

  async #use(mode, use) {
    const transaction = (await this.#opened()).transaction('kept', mode);
    const asked = use(transaction.objectStore('kept'));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => { resolve(asked.result); };
      transaction.onabort = transaction.onerror = () => { reject(transaction.error); };
    });
  }

  #opened() {
    this.#database ??= new Promise((resolve, reject) => {
      const asked = indexedDB.open(this.#name, 1);
      asked.onupgradeneeded = () => { asked.result.createObjectStore('kept'); };
      asked.onsuccess = () => {
        // A browser may close it, for example while the phone is locked.
        asked.result.onclose = () => { this.#database = null; };
        resolve(asked.result);
      };
      asked.onerror = () => { reject(asked.error); };
    });
    return this.#database;
  }
}
