internal import COpenSSL

/// Digests of the same bytes by one or several algorithms; OpenSSL's libcrypto computes them.
package struct Hashing: ~Copyable {
  /// By the names that BagIt manifests use.
  package enum Algorithm: String, CaseIterable, Sendable {
    case md5, sha1, sha224, sha256, sha384, sha512

    fileprivate var method: OpaquePointer? {
      Hashing.start
      return switch self {
      case .md5: EVP_md5()
      case .sha1: EVP_sha1()
      case .sha224: EVP_sha224()
      case .sha256: EVP_sha256()
      case .sha384: EVP_sha384()
      case .sha512: EVP_sha512()
      }
    }

    package var hexDigits: Int { 2 * Int(EVP_MD_get_size(method)) }

    /// Whether this computer's libcrypto computes it: a build for approved algorithms alone refuses MD5.
    package var isAvailable: Bool {
      let context = EVP_MD_CTX_new()
      defer { EVP_MD_CTX_free(context) }
      return EVP_DigestInit_ex(context, method, nil) == 1
    }
  }

  /// Before the first use: no configuration is read, which could name files of anybody's and differs from one computer
  /// to the next; workers in their sandbox could not read it anyway.
  private static let start: Void = {
    check(OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_LOAD_CONFIG), nil))
  }()

  private let contexts: [(algorithm: Algorithm, raw: OpaquePointer?)]

  /// Ask `isAvailable` first for algorithms other than SHA-2.
  package init(_ algorithms: [Algorithm]) {
    contexts = algorithms.map { ($0, EVP_MD_CTX_new()) }
    for (algorithm, raw) in contexts { Hashing.check(EVP_DigestInit_ex(raw, algorithm.method, nil)) }
  }

  deinit { for (_, raw) in contexts { EVP_MD_CTX_free(raw) } }

  package func update(_ bytes: UnsafeRawBufferPointer) {
    for (_, raw) in contexts { Hashing.check(EVP_DigestUpdate(raw, bytes.baseAddress, bytes.count)) }
  }

  package consuming func finish() -> [Algorithm: [UInt8]] {
    var digests: [Algorithm: [UInt8]] = [:]
    for (algorithm, raw) in contexts {
      digests[algorithm] = Array(unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { bytes, count in
        var length: UInt32 = 0
        Hashing.check(EVP_DigestFinal_ex(raw, bytes.baseAddress, &length))
        count = Int(length)
      }
    }
    return digests
  }

  /// These calls fail only for want of memory or of the algorithm; a digest of other bytes must never come of it.
  private static func check(_ code: Int32) { precondition(code == 1, "libcrypto cannot compute a digest") }
}
