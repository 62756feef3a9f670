// Typed forms of libssh2's function-like macros and untyped callbacks; Swift cannot import them. No logic.
#pragma once
#include <libssh2.h>
#include <libssh2_sftp.h>

static inline LIBSSH2_SESSION *cs_session_init(void *abstract) { return libssh2_session_init_ex(NULL, NULL, NULL, abstract); }

typedef ssize_t (*cs_receive)(int socket, void *buffer, size_t length, int flags, void **abstract);
typedef ssize_t (*cs_send)(int socket, const void *buffer, size_t length, int flags, void **abstract);
static inline void cs_set_receive(LIBSSH2_SESSION *s, cs_receive f) { libssh2_session_callback_set(s, LIBSSH2_CALLBACK_RECV, (void *)f); }
static inline void cs_set_send(LIBSSH2_SESSION *s, cs_send f) { libssh2_session_callback_set(s, LIBSSH2_CALLBACK_SEND, (void *)f); }
