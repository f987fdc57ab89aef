// SPDX-License-Identifier: Apache-2.0

/// What the metrics of Larder and its client tell, by their labels.
enum PrometheusHelp {
    static let known = [
        "db.client.connection.count": "Connections to servers that are ready, and of those of pools the idle ones.",
        "db.client.operation.duration": "How long commands took, as their callers saw it.",
        "http.server.request.duration": "How long requests took until their response was there.",
        "larder.fills": "Loaded values that were stored, or not stored.",
        "larder.invalidations": "Invalidations by key.",
        "larder.load.duration": "How long loads took.",
        "larder.load.timeouts": "Calls for which a load took too long.",
        "larder.local.bytes": "About how many bytes keys and entries take in the process.",
        "larder.local.entries": "Entries in the process.",
        "larder.local.evictions": "Entries that had to leave the process because there was no room.",
        "larder.queued_invalidations": "Invalidations that wait for the store.",
        "larder.refreshes": "Loads that were wanted behind a value that was served.",
        "larder.requests": "Calls for a value, by where it came from.",
        "larder.store.failures": "Calls that found the store could not be asked.",
        "larder.store.out": "1 while the store is not asked because it does not answer.",
        "larder.store.outages": "How often the store was not asked any more because it did not answer.",
        "larder.unreadable": "Entries that were found and could not be read.",
        "larder.waits": "Calls that waited for a load of another.",
        "redis.client.abandoned_commands": "Replies that came for callers who had given up.",
        "redis.client.queued_bytes": "Bytes on their way out to servers.",
        "redis.client.reconnects": "Connections that were made again after a loss.",
    ]
}
