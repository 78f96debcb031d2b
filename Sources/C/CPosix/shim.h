#pragma once
// GNU-only calls are invisible through `import Glibc`. They are declared here one by one: defining _GNU_SOURCE in a
// module header would change other headers' types and break every file that imports both.
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/types.h>

#ifdef __linux__
extern int gettid(void);
extern int pthread_setname_np(pthread_t, const char *);
extern int accept4(int, struct sockaddr *, socklen_t *, int);
extern int ppoll(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
#endif
