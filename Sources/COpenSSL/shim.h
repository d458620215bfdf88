// OpenSSL's libcrypto, version 3 or later: digests by its EVP interface.
#pragma once

#include <openssl/crypto.h>
#include <openssl/evp.h>
