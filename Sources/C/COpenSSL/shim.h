#pragma once
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// What OpenSSL has as macros, which Swift does not see.

static inline int martlet_ssl_ctx_set_min_proto(SSL_CTX *context, int version) {
    return SSL_CTX_set_min_proto_version(context, version) == 1;
}

static inline int martlet_ssl_ctx_add_chain(SSL_CTX *context, X509 *certificate) {
    return SSL_CTX_add1_chain_cert(context, certificate) == 1;
}

static inline void martlet_ssl_ctx_set_mode(SSL_CTX *context, long mode) { SSL_CTX_set_mode(context, mode); }

static inline void martlet_ssl_ctx_set_session_cache_mode(SSL_CTX *context, long mode) {
    SSL_CTX_set_session_cache_mode(context, mode);
}

static inline void martlet_ssl_ctx_set_servername(SSL_CTX *context, int (*callback)(SSL *, int *, void *), void *argument) {
    SSL_CTX_set_tlsext_servername_callback(context, callback);
    SSL_CTX_set_tlsext_servername_arg(context, argument);
}

static inline void martlet_ssl_ctx_set_tickets(
    SSL_CTX *context, int (*callback)(SSL *, unsigned char *, unsigned char *, EVP_CIPHER_CTX *, EVP_MAC_CTX *, int)) {
    SSL_CTX_set_tlsext_ticket_key_evp_cb(context, callback);
}

static inline int martlet_ssl_set_servername(SSL *ssl, const char *name) {
    return SSL_set_tlsext_host_name(ssl, name) == 1;
}

// A ticket is enciphered and authenticated as RFC 5077 §4 recommends.
static inline int martlet_ticket_start(
    EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, const unsigned char aes[32], const unsigned char hmac[32],
    const unsigned char iv[16], int enciphers) {
    OSSL_PARAM parameters[3];
    parameters[0] = OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)hmac, 32);
    parameters[1] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0);
    parameters[2] = OSSL_PARAM_construct_end();
    return EVP_MAC_CTX_set_params(mac, parameters) == 1 &&
           EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, aes, iv, enciphers) == 1;
}

// The alternative names of a certificate, one after the other.
static inline int martlet_names_count(const GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }

// The kind is one of GEN_DNS, GEN_EMAIL, GEN_URI and GEN_IPADD, or -1 for others, which have no bytes here.
static inline int martlet_name_at(const GENERAL_NAMES *names, int index, const unsigned char **bytes, int *count) {
    int kind = -1;
    const ASN1_STRING *value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, index), &kind);
    if (kind != GEN_DNS && kind != GEN_EMAIL && kind != GEN_URI && kind != GEN_IPADD) return -1;
    *bytes = ASN1_STRING_get0_data(value);
    *count = ASN1_STRING_length(value);
    return kind;
}

static inline int martlet_ssl_set_max_proto(SSL *ssl, int version) {
    return SSL_set_max_proto_version(ssl, version) == 1;
}

// Neither side may begin a new handshake, or compress: both have been attacked.
static inline void martlet_ssl_ctx_set_options(SSL_CTX *context) {
    SSL_CTX_set_options(
        context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                     SSL_OP_PRIORITIZE_CHACHA);
}

static inline void martlet_ssl_ctx_give_no_tickets(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context, 0);
}

// For tests of what a peer may not do.
static inline int martlet_ssl_renegotiate(SSL *ssl) {
    SSL_clear_options(ssl, SSL_OP_NO_RENEGOTIATION);
    return SSL_renegotiate(ssl);
}

// As RFC 2253 writes it, with its letters as they are.
static inline void martlet_print_name(BIO *target, const X509_NAME *name) {
    X509_NAME_print_ex(target, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
}

static inline void martlet_bio_clear_retry(BIO *bio) { BIO_clear_retry_flags(bio); }
static inline void martlet_bio_retry_read(BIO *bio) { BIO_set_retry_read(bio); }
