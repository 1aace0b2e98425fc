/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/socket.h"

#include <errno.h>
#include <libgen.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "basic/auto.h"
#include "basic/message.h"

static bool
path_of_descriptor(int fd, char path[SOCKET_PATH_BYTES], Failure *failure)
{
    struct sockaddr_un address = {.sun_family = AF_UNSPEC};
    socklen_t length = sizeof(address);
    int listening = 0;
    socklen_t size = sizeof(listening);
    size_t path_bytes;

    if (getsockname(fd, (struct sockaddr *)&address, &length) < 0)
        return failure_errno(failure, errno, NULL, _("cannot ask for the socket of --fd=%d"), fd);
    if (address.sun_family != AF_UNIX)
        return failure_set(failure, NULL, _("the socket of --fd=%d is not a local one"), fd);
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) < 0 || !listening)
        return failure_set(failure, NULL, _("the socket of --fd=%d does not listen"), fd);
    path_bytes = length > offsetof(struct sockaddr_un, sun_path)
                     ? length - offsetof(struct sockaddr_un, sun_path)
                     : 0;
    if (path_bytes > sizeof(address.sun_path))
        path_bytes = sizeof(address.sun_path);
    if (path_bytes > 0 && address.sun_path[0] == '/') {
        memcpy(path, address.sun_path, path_bytes);
        path[path_bytes] = '\0';
    }
    return true;
}

static bool
path_of_name(const char *socket, char path[SOCKET_PATH_BYTES], Failure *failure)
{
    AUTO_FREE char *copy = strdup(socket);
    AUTO_FREE char *directory = NULL;
    const char *slash = strrchr(socket, '/');
    int length;

    if (!copy)
        return failure_errno(failure, errno, NULL, _("cannot read the arguments"));
    directory = realpath(dirname(copy), NULL);
    /* virtiofsd cannot bind one in a directory that is not there, or with a path that is longer */
    if (!directory)
        return true;
    length = snprintf(path, SOCKET_PATH_BYTES, "%s/%s", directory[1] ? directory : "",
                      slash ? slash + 1 : socket);
    if (length >= (int)SOCKET_PATH_BYTES)
        path[0] = '\0';
    return true;
}

bool
socket_path(const Arguments *arguments, char path[SOCKET_PATH_BYTES], Failure *failure)
{
    path[0] = '\0';
    if (arguments->fd >= 0)
        return path_of_descriptor(arguments->fd, path, failure);
    return !arguments->socket || path_of_name(arguments->socket, path, failure);
}

/* The kernel notes it for those who connect (init_peercred() of net/unix/af_unix.c), and nothing changes it. */
pid_t
socket_listener(int fd)
{
    struct ucred credentials = {.pid = 0};
    socklen_t size = sizeof(credentials);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0)
        return 0;
    return credentials.pid > 0 ? credentials.pid : 0;
}
