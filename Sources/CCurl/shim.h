// Typed forms of libcurl's variadic functions; Swift cannot import variadics. No logic.
#pragma once
#include <curl/curl.h>
#include <signal.h>

typedef size_t (*cc_data_callback)(char *, size_t, size_t, void *);
typedef int (*cc_debug_callback)(CURL *, curl_infotype, char *, size_t, void *);

static inline CURLcode cc_setopt_long(CURL *h, CURLoption o, long v) { return (curl_easy_setopt)(h, o, v); }
static inline CURLcode cc_setopt_off(CURL *h, CURLoption o, curl_off_t v) { return (curl_easy_setopt)(h, o, v); }
static inline CURLcode cc_setopt_str(CURL *h, CURLoption o, const char *v) { return (curl_easy_setopt)(h, o, v); }
static inline CURLcode cc_setopt_ptr(CURL *h, CURLoption o, void *v) { return (curl_easy_setopt)(h, o, v); }
static inline CURLcode cc_setopt_list(CURL *h, CURLoption o, struct curl_slist *v) { return (curl_easy_setopt)(h, o, v); }
static inline CURLcode cc_setopt_data(CURL *h, CURLoption o, cc_data_callback v) { return (curl_easy_setopt)(h, o, v); }
static inline CURLcode cc_setopt_debug(CURL *h, CURLoption o, cc_debug_callback v) { return (curl_easy_setopt)(h, o, v); }
static inline CURLcode cc_setopt_prereq(CURL *h, CURLoption o, curl_prereq_callback v) { return (curl_easy_setopt)(h, o, v); }
static inline CURLcode cc_getinfo_long(CURL *h, CURLINFO i, long *v) { return (curl_easy_getinfo)(h, i, v); }
static inline CURLcode cc_getinfo_off(CURL *h, CURLINFO i, curl_off_t *v) { return (curl_easy_getinfo)(h, i, v); }
static inline CURLcode cc_getinfo_str(CURL *h, CURLINFO i, char **v) { return (curl_easy_getinfo)(h, i, v); }
static inline CURLcode cc_getinfo_ptr(CURL *h, CURLINFO i, void **v) { return (curl_easy_getinfo)(h, i, v); }
static inline CURLMcode cc_multi_setopt_long(CURLM *m, CURLMoption o, long v) { return (curl_multi_setopt)(m, o, v); }
static inline CURLcode cc_message_result(const CURLMsg *m) { return m->data.result; }
// Here because Swift finds sigset_t in a module that depends on the order of imports.
static inline void cc_block_sigpipe(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}
static inline CURLcode cc_global_init(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }
