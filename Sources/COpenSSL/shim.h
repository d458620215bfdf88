// OpenSSL's libcrypto, version 3 or later: digests by its EVP interface.
#pragma once

#include <openssl/evp.h>
