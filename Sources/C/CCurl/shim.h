#pragma once
#include <curl/curl.h>

// CURL is void to C and so a raw pointer to Swift; a name of its own keeps it from being mixed up with others.
typedef struct martlet_curl martlet_curl;

static inline martlet_curl *martlet_curl_easy_init(void) { return (martlet_curl *)curl_easy_init(); }
static inline CURLcode martlet_curl_easy_perform(martlet_curl *handle) { return curl_easy_perform((CURL *)handle); }
static inline void martlet_curl_easy_cleanup(martlet_curl *handle) { curl_easy_cleanup((CURL *)handle); }

// curl_easy_setopt is variadic, which is not imported: one for each type that an option can have.
static inline CURLcode martlet_curl_setopt_string(martlet_curl *handle, CURLoption option, const char *value) {
    return curl_easy_setopt((CURL *)handle, option, value);
}
static inline CURLcode martlet_curl_setopt_long(martlet_curl *handle, CURLoption option, long value) {
    return curl_easy_setopt((CURL *)handle, option, value);
}
static inline CURLcode martlet_curl_setopt_size(martlet_curl *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt((CURL *)handle, option, value);
}
static inline CURLcode martlet_curl_setopt_pointer(martlet_curl *handle, CURLoption option, void *value) {
    return curl_easy_setopt((CURL *)handle, option, value);
}

// Where the bytes to be sent come from, and where the server's lines go.
typedef size_t (*martlet_curl_bytes)(char *bytes, size_t size, size_t count, void *context);
static inline CURLcode martlet_curl_setopt_read(martlet_curl *handle, martlet_curl_bytes function, void *context) {
    CURLcode result = curl_easy_setopt((CURL *)handle, CURLOPT_READFUNCTION, function);
    return result ? result : curl_easy_setopt((CURL *)handle, CURLOPT_READDATA, context);
}
static inline CURLcode martlet_curl_setopt_header(martlet_curl *handle, martlet_curl_bytes function, void *context) {
    CURLcode result = curl_easy_setopt((CURL *)handle, CURLOPT_HEADERFUNCTION, function);
    return result ? result : curl_easy_setopt((CURL *)handle, CURLOPT_HEADERDATA, context);
}
