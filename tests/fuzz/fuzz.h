/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <glib/gstdio.h>
#include <unistd.h>

/* What a fuzz target defines: libFuzzer calls it with inputs of its own, replay.c with those of files. */
int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);
