/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One function a mode of the command line. Each does its work or leaves everything as it was. */

#include "helper/helper.h"
#include "helper/options.h"

gboolean mode_create(const HelperConfig *config, const Options *options, GError **error);
gboolean mode_replace(const HelperConfig *config, const Options *options, GError **error);
gboolean mode_add(const HelperConfig *config, const Options *options, GError **error);
gboolean mode_remove(const HelperConfig *config, const Options *options, GError **error);
gboolean mode_delete(const HelperConfig *config, const Options *options, GError **error);
gboolean mode_add_share(const HelperConfig *config, const Options *options, GError **error);
