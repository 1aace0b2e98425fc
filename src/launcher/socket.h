/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>
#include <sys/un.h>

#include "basic/failure.h"
#include "launcher/arguments.h"

#define SOCKET_PATH_BYTES sizeof(struct sockaddr_un)

/**
 * socket_path:
 * @path: (out): the path of the socket that virtiofsd is to serve, absolute; or ""
 *
 * That of --fd is asked where it is bound to. None, or one without a path, is certainly not libvirt's; one that
 * cannot be asked may be, and is a failure. Without --fd it is the path of --socket-path, as it would be bound:
 * libvirt makes the socket itself, and a virtiofsd that makes one where a confined one is to listen must not
 * stand in for it.
 */
bool socket_path(const Arguments *arguments, char path[SOCKET_PATH_BYTES], Failure *failure);

/**
 * socket_listener:
 * @fd: a listening socket
 * Returns: the process that has made it listen, which may have ended since; 0 where that is not known
 */
pid_t socket_listener(int fd);
