#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads an entry as docs tell it (Wire format), in another language: for the tests, and as an example.

usage: read_entry.py NAMESPACE KEY ENTRY_IN_HEXADECIMAL [ID:SECRET_IN_HEXADECIMAL ...]

Prints a JSON object with the kind, the tags and the value. Whatever does not read is an error, and ends with 1.
"""
import json
import struct
import sys
import zlib

KINDS = {0: "lease", 1: "value", 2: "absence", 4: "tombstone"}


class Unreadable(Exception):
    pass


def metadata(data):
    """The items by their kinds; tags, which are several, as a list."""
    items, tags = {}, []
    while data:
        if len(data) < 5:
            raise Unreadable("metadata that is cut short")
        kind, length = struct.unpack(">BI", data[:5])
        body, data = data[5 : 5 + length], data[5 + length :]
        if len(body) < length:
            raise Unreadable("metadata that is cut short")
        if kind == 1:
            tags.append(body.decode())
        else:
            items[kind] = body
    return items, tags


def unsealed(payload, namespace, key, kind, codec, schema, secret):
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    derived = HKDF(SHA256(), 32, salt=None, info=b"larder seal 1:" + namespace.encode()).derive(secret)
    context = struct.pack(">BBBQ", kind, codec, schema is not None, schema or 0) + key.encode()
    return AESGCM(derived).decrypt(payload[:12], payload[12:], context)


def read(namespace, key, entry, secrets):
    if len(entry) < 40 or entry[0] != 0xCA or entry[1] != 1 or entry[2] not in KINDS:
        raise Unreadable("no entry")
    kind, codec = entry[2], entry[3]
    (length,) = struct.unpack(">I", entry[36:40])
    if len(entry) < 40 + length:
        raise Unreadable("an entry that is cut short")
    items, tags = metadata(entry[40 : 40 + length])
    payload = entry[40 + length :]
    if codec & 0x80:
        (key_id,) = struct.unpack(">I", items[6])
        (schema,) = struct.unpack(">Q", items[4]) if 4 in items else (None,)
        payload = unsealed(payload, namespace, key, kind, codec, schema, secrets[key_id])
    compression = codec >> 4 & 3
    if compression == 1:
        (size,) = struct.unpack(">I", payload[:4])
        inflater = zlib.decompressobj()
        payload = inflater.decompress(payload[4:], size + 1)
        if len(payload) != size or not inflater.eof:
            raise Unreadable("a compressed value that is damaged")
    elif compression:
        raise Unreadable("an unknown compression")
    value = None
    if KINDS[kind] == "value":
        if codec & 0x0F == 1:
            value = json.loads(payload)
        elif codec & 0x0F == 6:
            value = payload.hex()
        else:
            raise Unreadable("a codec that this does not read")
    return {"kind": KINDS[kind], "tags": tags, "value": value}


def main():
    namespace, key, entry = sys.argv[1:4]
    secrets = {}
    for pair in sys.argv[4:]:
        key_id, secret = pair.split(":")
        secrets[int(key_id)] = bytes.fromhex(secret)
    try:
        print(json.dumps(read(namespace, key, bytes.fromhex(entry), secrets), sort_keys=True))
    except Exception as error:
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
