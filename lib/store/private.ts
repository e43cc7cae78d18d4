// What a workspace keeps is its owner's: numbers of a company, hashes of passwords, answers of its warehouse.

import {closeSync, mkdirSync, openSync} from "node:fs";

/** Makes a folder that nobody else looks into, with those above it; one that is there stays as it is. */
export const makePrivateFolder = (folder: string) => void mkdirSync(folder, {recursive: true, mode: 0o700});

/** Makes an empty file that nobody else reads; one that is there stays as it is. */
// SQLite takes it for a new database, and makes its log with the same rights.
export const makePrivateFile = (file: string) => closeSync(openSync(file, "a", 0o600));
