/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What libvirtd is going to announce while it starts a VM.
 *
 * It asks for its helper once when the start begins, and then again for each directory that it makes and
 * each device that it opens, and waits each time until QEMU's profile is compiled and loaded. Most of what
 * it will ask for follows from the domain's XML, its id, and what libvirtd has on this host. Granted at
 * once, it is compiled once, and the announcements then change nothing.
 *
 * Only what this libvirtd asks for, in its own words, and nothing where that is not sure: what is
 * missing here costs a compilation, what is too much would be a right that nobody asked for.
 */

#include "domain/domain.h"
#include "host/host.h"

/**
 * foresee_arguments:
 * @domain: that is about to start, with the id of this run; one without an id gets nothing
 * @host: whom to ask
 * Returns: (transfer full) (element-type utf8): arguments of --append-file, see announcement.h
 */
GPtrArray *foresee_arguments(const Domain *domain, Host *host);
