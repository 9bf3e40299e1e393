// SPDX-License-Identifier: Apache-2.0
// user_datapath.h - a user's own datapath behind the pins of igq_datapath: what is to be Verilated.
#ifndef IGQ_USER_DATAPATH_H
#define IGQ_USER_DATAPATH_H
#include "rtl_datapath.h"
#include "user_rtl.h"

// The port map, if there is one, is read, and an adapter from the ports of rtl/datapath/igq_datapath.sv written into
// request.work_dir. The user's top has the parameters of ours, unless its map says which. IGQ_USER_ERROR if files are
// missing or the map is wrong.
igq_status user_datapath_build(verilate_request *build, const datapath_point &point, const user_rtl_request &request,
                               igq_error *error);

#endif
