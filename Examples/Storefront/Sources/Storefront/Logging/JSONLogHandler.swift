// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging

/// Writes each message as a line of JSON, for whoever collects logs. What is said of a request has its id as `hb.request.id`.
struct JSONLogHandler: LogHandler {
    /// A message as it is written.
    private struct Line: Encodable {
        var time: String
        var level: String
        var logger: String
        var source: String
        var message: String
        var metadata: Value?
    }

    /// A value of metadata, as JSON has it.
    private struct Value: Encodable {
        var value: Logger.Metadata.Value

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self.value {
            case .string(let text): try container.encode(text)
            case .stringConvertible(let value): try container.encode(value.description)
            case .array(let values): try container.encode(values.map(Value.init))
            case .dictionary(let values): try container.encode(values.mapValues(Value.init))
            }
        }
    }

    let label: String
    /// Takes each line, without its end.
    let write: @Sendable (String) -> Void
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    init(label: String, write: @escaping @Sendable (String) -> Void = Self.toStandardError) {
        self.label = label
        self.write = write
    }

    @Sendable private static func toStandardError(_ line: String) {
        // At once, so that lines of several threads stay whole.
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var metadata = self.metadata
        if let provided = self.metadataProvider?.get() { metadata.merge(provided) { _, new in new } }
        if let given = event.metadata { metadata.merge(given) { _, new in new } }
        if let error = event.error { metadata["error.message"] = "\(error)" }
        let line = Line(
            time: Date.now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)),
            level: event.level.rawValue,
            logger: self.label, source: event.source, message: "\(event.message)",
            metadata: metadata.isEmpty ? nil : Value(value: .dictionary(metadata)))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(line) else { return }
        self.write(String(decoding: data, as: UTF8.self))
    }
}
