/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The administrator's configuration file, as the helper reads it. */

#include "ctl/ctl.h"
#include "settings/settings.h"

/**
 * settings_file_read:
 * Returns: (transfer full): what it says; without a file what holds without one
 * @error: it cannot be read, or its first mistake
 */
Settings *settings_file_read(const CtlConfig *config, GError **error);
