// SPDX-License-Identifier: Apache-2.0
// points.h - the points of a sweep: every combination of the axes that meets the conditions, resolved to a machine. A
// point's id is a hash of all that its report depends on, so that the same point is never simulated twice.
#ifndef IGQ_POINTS_H
#define IGQ_POINTS_H
#include "sweep_file.h"

#define IGQ_POINT_ID_BYTES 17

typedef enum igq_point_status {
    IGQ_POINT_OPEN, // to be simulated
    IGQ_POINT_DONE,
    IGQ_POINT_FAILED,   // no such machine, or it cannot run the network
    IGQ_POINT_EXCLUDED, // beyond a limit
    IGQ_POINT_BEATEN,   // not simulated: its lower bounds prove that it is not on the front
    IGQ_POINT_STATUS_COUNT
} igq_point_status;
extern const char *const igq_point_status_names[IGQ_POINT_STATUS_COUNT];

typedef struct igq_point {
    int combination; // of the axes' values, the last axis fastest
    char id[IGQ_POINT_ID_BYTES];
    int first;       // index of the first point of this id: its own, unless two combinations are the same machine
    int calibration; // index of its setting in igq_points, -1: none
    igq_settings settings;
    igq_point_status status;
    char *reason; // of failed and excluded points
    igq_results results;
    int is_simulated; // 1: the results are complete
    int has_folder;   // 1: points/ID is there
    int is_lost;      // 1: failed since nobody knows of it, to be tried again
    int pareto;
} igq_point;

// A setting of `calibrate:` and the file that it becomes.
typedef struct igq_calibration_setting {
    char id[IGQ_POINT_ID_BYTES];
    igq_calibrate_cfg cfg;
} igq_calibration_setting;

typedef struct igq_points {
    int num_combinations, num; // num: combinations that meet `where:`
    igq_point *point;
    igq_point **by_id; // (num) in the order of their ids
    int num_calibrations;
    igq_calibration_setting *calibration;
    int is_proved; // of a search: no point was left open, the front is exact
} igq_points;

// identity: what all points depend on besides their machine. Refuses a sweep without points. Free in any case.
igq_status igq_points_new(igq_points *points, const igq_sweep *sweep, const char *identity, igq_error *error);
void igq_points_free(igq_points *points);

// Index of a point's value on an axis.
int igq_point_value(const igq_sweep *sweep, const igq_point *point, int axis);

// The first point of an id, NULL if there is none.
igq_point *igq_point_of(const igq_points *points, const char *id);

// Takes a point out, for the formatted reason.
void igq_point_end(igq_point *point, igq_point_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// Excludes a point that is beyond a limit, as far as its results are known.
void igq_point_check_limits(igq_point *point, const igq_sweep *sweep);

#endif
