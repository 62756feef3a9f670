// Typed forms of libssh2's function-like macros; Swift cannot import them. No logic.
#pragma once
#include <libssh2.h>
#include <libssh2_sftp.h>

static inline LIBSSH2_SESSION *cs_session_init(void *abstract) { return libssh2_session_init_ex(NULL, NULL, NULL, abstract); }
