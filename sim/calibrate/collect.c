// SPDX-License-Identifier: Apache-2.0
#include "collect.h"
#include "record.h"
#include "trace_file.h"
#include <stdlib.h>

static igq_status add_image(igq_collected *all, igq_error *error)
{
    igq_real_instance **grown = realloc(all->image, (size_t)(all->num_images + 1) * sizeof *grown);
    if (!grown)
        return igq_out_of_memory(error);
    all->image = grown;
    grown[all->num_images] = igq_real_instance_new(all->network);
    if (!grown[all->num_images])
        return igq_out_of_memory(error);
    all->num_images++;
    return IGQ_OK;
}

static igq_status begin_sample(void *context, const char *name, igq_error *error)
{
    (void)name;
    igq_collected *all = context;
    igq_status status = add_image(all, error);
    if (status == IGQ_OK)
        all->collector.instance = all->image[all->num_images - 1];
    return status;
}

igq_status igq_collect_traces(igq_collected *all, const igq_string_list *traces, igq_error *error)
{
    igq_status status = IGQ_OK;
    for (int f = 0; status == IGQ_OK && f < traces->num; f++) {
        igq_trace *trace = NULL;
        status = igq_trace_open(&trace, traces->items[f], all->workload, error);
        for (int i = 0; status == IGQ_OK && i < igq_trace_num_images(trace); i++) {
            status = add_image(all, error);
            if (status == IGQ_OK)
                status = igq_trace_real_instance(all->image[all->num_images - 1], trace, i, error);
        }
        igq_trace_close(trace);
    }
    return status;
}

igq_status igq_collect_samples(igq_collected *all, const char *weights_path, const igq_sample_source *source,
                               igq_error *error)
{
    int num;
    igq_observer observer = igq_range_collector_observer(&all->collector);
    igq_sample_listener listener = {all, begin_sample};
    return igq_record_samples(&num, all->workload, weights_path, source, &observer, &listener, error);
}

void igq_collected_free(igq_collected *all)
{
    for (int i = 0; i < all->num_images; i++)
        igq_real_instance_free(all->image[i]);
    free(all->image);
}
