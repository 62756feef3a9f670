import Foundation

/// The fingerprint of an SSH public key as IAM prints it: `256 MD5:6b:cd:… (ssh-ed25519)`.
enum Fingerprint {
    static func text(of key: String) -> String {
        let parts = key.split(separator: " ")
        guard parts.count >= 2, let blob = Data(base64Encoded: String(parts[1])) else { return "" }
        let digits = md5(Array(blob)).map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }
        let bits = parts[0] == "ssh-rsa" ? max(0, blob.count - 23) * 8 : 256
        return "\(bits) MD5:\(digits.joined(separator: ":")) (\(parts[0]))"
    }

    static func isKey(_ text: Substring) -> Bool { (Data(base64Encoded: String(text))?.count ?? 0) > 32 }

    /// RFC 1321. Not for security: it only has to print what the real API prints.
    private static func md5(_ message: [UInt8]) -> [UInt8] {
        let shifts: [[UInt32]] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]]
        var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476]
        var bytes = message + [0x80]
        while bytes.count % 64 != 56 { bytes.append(0) }
        let length = UInt64(message.count) * 8
        bytes += (0..<8).map { UInt8(length >> (8 * UInt64($0)) & 255) }
        for start in stride(from: 0, to: bytes.count, by: 64) {
            let words = (0..<16).map { word in
                (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + word * 4 + $1]) << UInt32(8 * $1) }
            }
            var (a, b, c, d) = (state[0], state[1], state[2], state[3])
            for step in 0..<64 {
                let (mix, word): (UInt32, Int)
                switch step / 16 {
                case 0: (mix, word) = ((b & c) | (~b & d), step)
                case 1: (mix, word) = ((d & b) | (~d & c), (5 * step + 1) % 16)
                case 2: (mix, word) = (b ^ c ^ d, (3 * step + 5) % 16)
                default: (mix, word) = (c ^ (b | ~d), 7 * step % 16)
                }
                let constant = UInt32(abs(sin(Double(step + 1))) * 4_294_967_296)
                let sum = a &+ mix &+ constant &+ words[word]
                let shift = shifts[step / 16][step % 4]
                (a, d, c) = (d, c, b)
                b = b &+ (sum << shift | sum >> (32 - shift))
            }
            state = zip(state, [a, b, c, d]).map { $0 &+ $1 }
        }
        return state.flatMap { word in (0..<4).map { UInt8(word >> UInt32(8 * $0) & 255) } }
    }
}
