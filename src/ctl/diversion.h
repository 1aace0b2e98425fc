/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * dpkg's diversions: where a file of a package is to be found under another name, because somebody has put
 * something else in its place (dpkg-divert(1)). The database is three lines a diversion, the file, its other
 * name and who wants it, ":" for the administrator (dpkg's lib/dpkg/db-ctrl-*.c and diversion.c).
 */

#include <glib.h>

typedef struct {
    char *to; /* (nullable): the file's other name; NULL: it is not diverted */
    char *by; /* (nullable): the package that diverts it; NULL: nobody, or the administrator */
} Diversion;

void diversion_clear(Diversion *diversion);

/**
 * diversion_find:
 * @dpkg_dir: dpkg's database, which need not be there
 * @path: a file
 * @diversion: (out caller-allocates): to be cleared
 * @error: the database cannot be read, or is none
 */
gboolean
diversion_find(const char *dpkg_dir, const char *path, Diversion *diversion, GError **error);
