// SPDX-License-Identifier: GPL-2.0-only
#include "render/rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "render/words.h"

/* Rows and connections that may wait at the same time; beyond, the oldest are drawn early. */
#define ROWS_MAX      4096
#define SCENES_MAX    1024
#define SCENE_BUCKETS 1024

/* A connection with rows that wait. Its heading is kept here, as the connection may be gone when they are
 * drawn. */
struct scene {
	struct scene *next; /* of the bucket, or free */
	struct heading heading;
	struct waiting *newest;
	unsigned int rows;
};

struct waiting {
	struct row row;
	struct scene *scene; /* NULL for ROW_LOST and ROW_FINDING */
	struct waiting *before; /* of the same scene, NULL: drawn already or none */
	char note[ROWS_TEXT_LEN]; /* what ROW points to */
	struct finding finding;
};

struct rows {
	const struct style *style;
	draw_row_fn *draw;
	void *ctx;
	struct waiting *ring;
	uint32_t head, count;
	struct scene *scenes, *free_scenes;
	struct scene *buckets[SCENE_BUCKETS];
};

struct rows *rows_create(const struct style *style, draw_row_fn *draw, void *ctx)
{
	struct rows *rows = calloc(1, sizeof(*rows));

	if (!rows)
		return NULL;
	rows->style = style;
	rows->draw = draw;
	rows->ctx = ctx;
	rows->ring = calloc(ROWS_MAX, sizeof(*rows->ring));
	rows->scenes = calloc(SCENES_MAX, sizeof(*rows->scenes));
	if (!rows->ring || !rows->scenes) {
		rows_destroy(rows);
		return NULL;
	}
	for (unsigned int i = 0; i < SCENES_MAX; i++) {
		rows->scenes[i].next = rows->free_scenes;
		rows->free_scenes = &rows->scenes[i];
	}
	return rows;
}

void rows_destroy(struct rows *rows)
{
	free(rows->ring);
	free(rows->scenes);
	free(rows);
}

/* --- scenes -------------------------------------------------------------------------------------- */

static struct scene **scene_link(struct rows *rows, uint64_t conn_id)
{
	struct scene **link = &rows->buckets[conn_id % SCENE_BUCKETS];

	while (*link && (*link)->heading.conn_id != conn_id)
		link = &(*link)->next;
	return link;
}

static void leave_scene(struct rows *rows, struct scene *scene)
{
	struct scene **link;

	if (--scene->rows > 0)
		return;
	link = scene_link(rows, scene->heading.conn_id);
	*link = scene->next;
	scene->next = rows->free_scenes;
	rows->free_scenes = scene;
}

/* --- out ----------------------------------------------------------------------------------------- */

static void draw_oldest(struct rows *rows)
{
	struct waiting *oldest = &rows->ring[rows->head];
	struct scene *scene = oldest->scene;

	rows->draw(rows->ctx, &oldest->row, scene ? &scene->heading : NULL);
	rows->head = (rows->head + 1) % ROWS_MAX;
	rows->count--;
	if (!scene)
		return;
	if (scene->newest == oldest)
		scene->newest = NULL;
	for (struct waiting *row = scene->newest; row; row = row->before)
		if (row->before == oldest)
			row->before = NULL;
	leave_scene(rows, scene);
}

uint64_t rows_due_ns(const struct rows *rows)
{
	if (rows->count == 0)
		return UINT64_MAX;
	return rows->ring[rows->head].row.ktime_ns + ROWS_HOLD_NS;
}

void rows_tick(struct rows *rows, uint64_t now_ns)
{
	while (rows->count && rows_due_ns(rows) <= now_ns)
		draw_oldest(rows);
}

void rows_finish(struct rows *rows)
{
	while (rows->count)
		draw_oldest(rows);
}

/* --- in ------------------------------------------------------------------------------------------ */

static struct scene *scene_of(struct rows *rows, uint64_t conn_id)
{
	struct scene **link = scene_link(rows, conn_id), *scene = *link;

	if (scene)
		return scene;
	while (!rows->free_scenes)
		draw_oldest(rows);
	scene = rows->free_scenes;
	rows->free_scenes = scene->next;
	link = scene_link(rows, conn_id); /* drawing may have moved it */
	*scene = (struct scene){.heading.conn_id = conn_id};
	*link = scene;
	return scene;
}

static void copy_name(char *copy, const char *name)
{
	snprintf(copy, WIRE_NAME_LEN, "%s", name ? name : "");
}

static void update_owner(struct heading *heading, const struct endpoint *end,
			 const struct owner_names *names)
{
	const struct owner *owner = &end->owner;
	bool known = owner->source != OWNER_UNKNOWN;

	heading->owners[end->side] = *owner;
	copy_name(heading->cgroups[end->side],
		  known ? names_find(&names->cgroups, owner->cgroup) : NULL);
	copy_name(heading->cmdlines[end->side],
		  known ? names_find(&names->cmdlines, owner_cmdline_id(owner->pid, owner->comm))
			: NULL);
}

void rows_update_heading(struct heading *heading, const struct change *change)
{
	const struct conn *conn = change->conn;

	heading->start_ns = conn->start_ns;
	heading->listener = conn_is_listener(conn);
	heading->sides_known = conn->sides_known;
	for (int side = 0; side < 2; side++) {
		const struct endpoint *end = conn->ends[side];

		heading->present[side] = end;
		if (!end)
			continue;
		heading->at[side] = end->local;
		if (!conn->ends[!side])
			heading->at[!side] = end->remote;
		update_owner(heading, end, change->names);
		heading->netns[side] = end->netns;
	}
}

static struct waiting *add_row(struct rows *rows, struct scene *scene, enum row_kind kind,
			       uint64_t ktime_ns)
{
	struct waiting *row;

	if (rows->count == ROWS_MAX)
		draw_oldest(rows);
	row = &rows->ring[(rows->head + rows->count++) % ROWS_MAX];
	*row = (struct waiting){.scene = scene};
	row->row = (struct row){.kind = kind, .ktime_ns = ktime_ns, .note = row->note};
	if (!scene)
		return row;
	row->before = scene->newest;
	scene->newest = row;
	scene->rows++;
	return row;
}

static void set_cell(struct row *row, const struct change *change)
{
	struct row_cell *cell = &row->cells[change->end->side];
	uint8_t before = cell->state;

	if (before && before != change->to)
		cell->through = before;
	cell->state = change->cause.keeps ? change->cause.keeps : change->to;
	if (cell->through == cell->state)
		cell->through = WIRE_NO_STATE;
	cell->inferred = change->kind == CHANGE_INFERRED;
	cell->missed = cell->missed || change->kind == CHANGE_JUMPED;
	/* A minisock that takes a socket's place in the same state did not bring it there. */
	if (before != cell->state)
		cell->ktime_ns = change->ktime_ns;
}

static void add_note(struct waiting *row, const struct change *change)
{
	char more[ROWS_TEXT_LEN], both[ROWS_TEXT_LEN];
	struct text note;

	text_init(&note, more, sizeof(more));
	words_note(&note, change);
	if (note.len == 0 || (row->row.found && strcmp(row->note, more) == 0))
		return;
	text_init(&note, both, sizeof(both));
	text_addf(&note, "%s%s%s", row->note, row->note[0] ? "; " : "", more);
	memcpy(row->note, both, sizeof(both));
}

static void set_side(struct waiting *waiting, const struct change *change)
{
	struct row *row = &waiting->row;

	if (change->first && change->kind == CHANGE_MOVED && !change->in_state_known &&
	    !edge_is_birth(change->from, change->to)) {
		row->joined = change->from;
		row->joined_after_gap = change->after_gap;
	}
	set_cell(row, change);
	add_note(waiting, change);
}

/* An ACK that comes behind the peer's own FIN came with it: that FIN acknowledges ours. */
static bool is_ack_in_fin(const struct row *row, const struct change *change)
{
	return change->cause.came == SEGMENT_ACK && row->segment == SEGMENT_FIN &&
	       row->cells[row->sender].state == WIRE_LAST_ACK;
}

/* Is CHANGE what the receiver of this row's segment made of it? A receiver may go through two states at
 * once: SYN_RECV and ESTABLISHED, FIN_WAIT2 and TIME_WAIT. */
static bool is_received(const struct row *row, const struct change *change)
{
	enum side side = change->end->side;
	uint8_t already = row->cells[side].state;

	if (row->kind != ROW_STEP || row->sender == side || (already && already != change->from))
		return false;
	return row->segment == change->cause.came || is_ack_in_fin(row, change);
}

/* The oldest row at whose head CHANGE stands, or NULL. */
static struct waiting *find_arrow(struct scene *scene, const struct change *change)
{
	struct waiting *found = NULL;

	for (struct waiting *row = scene->newest; row; row = row->before)
		if (is_received(&row->row, change))
			found = row;
	if (found && is_ack_in_fin(&found->row, change))
		found->row.with_ack = true;
	return found;
}

/* The row whose segment CHANGE says it has sent, if its receiver was heard first; or NULL. */
static struct waiting *find_tail(struct scene *scene, const struct change *change)
{
	enum side side = change->end->side;
	struct waiting *found = NULL;

	for (struct waiting *row = scene->newest; row; row = row->before)
		if (row->row.kind == ROW_STEP && row->row.sender == side &&
		    row->row.segment == change->cause.sent && !row->row.cells[side].state)
			found = row;
	return found;
}

/* What the kernel keeps of a socket is said beside the step that brought it there. */
static struct waiting *find_same_step(struct scene *scene, const struct change *change)
{
	struct waiting *row = scene->newest;

	if (!row || row->row.kind != ROW_STEP ||
	    row->row.cells[change->end->side].state != change->from)
		return NULL;
	return row;
}

/* Both ends were there: one row. */
static struct waiting *find_found(struct scene *scene, const struct change *change)
{
	struct waiting *row = scene->newest;

	return row && row->row.found && !row->row.cells[change->end->side].state ? row : NULL;
}

/* Where CHANGE belongs; a row of its own if none waits for it. */
static struct waiting *place(struct rows *rows, struct scene *scene, const struct change *change)
{
	const struct cause *cause = &change->cause;
	enum side side = change->end->side;
	struct waiting *waiting = NULL;
	bool kept_only = cause->keeps && !cause->came && !cause->sent;

	if (change->kind == CHANGE_FOUND)
		waiting = find_found(scene, change);
	else if (cause->came)
		waiting = find_arrow(scene, change);
	else if (cause->sent)
		waiting = find_tail(scene, change);
	else if (kept_only)
		waiting = find_same_step(scene, change);
	if (waiting)
		return waiting;
	waiting = add_row(rows, scene, ROW_STEP, change->ktime_ns);
	waiting->row.quiet_ns = change->quiet_ns;
	waiting->row.found = change->kind == CHANGE_FOUND;
	waiting->row.epilogue = change->kind == CHANGE_MINI && change->conn->judged;
	if (cause->came) {
		waiting->row.segment = cause->came;
		waiting->row.sender = !side;
	} else {
		waiting->row.segment = cause->sent;
		waiting->row.sender = side;
	}
	return waiting;
}

static void add_step(struct rows *rows, struct scene *scene, const struct change *change)
{
	struct waiting *row = place(rows, scene, change);
	bool answers =
		change->cause.came && change->cause.sent && change->cause.sent != SEGMENT_ACK;

	set_side(row, change);
	/* It came and something else than an ACK goes out: SYN,ACK in a simultaneous open. */
	if (answers) {
		struct waiting *reply = add_row(rows, scene, ROW_STEP, change->ktime_ns);

		reply->row.segment = change->cause.sent;
		reply->row.sender = change->end->side;
	}
}

static void add_verdict(struct rows *rows, struct scene *scene, const struct change *change)
{
	struct waiting *row = add_row(rows, scene, ROW_VERDICT, change->ktime_ns);
	struct text verdict;

	text_init(&verdict, row->note, sizeof(row->note));
	words_verdict(rows->style, &verdict, change->conn, change->ktime_ns);
	row->row.how = verdict_of(change->conn, change->ktime_ns).how;
}

static void add_lost(struct rows *rows, const struct change *change)
{
	struct waiting *row = add_row(rows, NULL, ROW_LOST, change->ktime_ns);
	struct text lost;

	text_init(&lost, row->note, sizeof(row->note));
	text_addf(&lost, "%" PRIu64 " %s lost before this", change->lost,
		  change->lost == 1 ? "event was" : "events were");
}

static void add_finding(struct rows *rows, const struct change *change)
{
	struct waiting *row = add_row(rows, NULL, ROW_FINDING, change->ktime_ns);

	row->finding = *change->finding;
	row->row.finding = &row->finding;
}

void rows_change(struct rows *rows, const struct change *change)
{
	struct scene *scene;

	if (change->kind == CHANGE_LOST) {
		add_lost(rows, change);
		return;
	}
	if (change->kind == CHANGE_FINDING) {
		add_finding(rows, change);
		return;
	}
	if (change->kind == CHANGE_GONE || change->repeats)
		return;
	scene = scene_of(rows, change->conn->id);
	scene->rows++; /* ours: drawing rows early must not give it away under our hands */
	rows_update_heading(&scene->heading, change);
	switch (change->kind) {
	case CHANGE_MOVED:
	case CHANGE_NOTED:
	case CHANGE_JUMPED:
	case CHANGE_MINI:
	case CHANGE_INFERRED:
	case CHANGE_FOUND:
		add_step(rows, scene, change);
		break;
	case CHANGE_ENDED:
		add_verdict(rows, scene, change);
		break;
	case CHANGE_OWNER:
	case CHANGE_PAIRED:
	case CHANGE_GONE:
	case CHANGE_LOST:
	case CHANGE_BIND:
	case CHANGE_NO_PORT:
	case CHANGE_FINDING:
	case CHANGE_CLOCK:
		break;
	}
	leave_scene(rows, scene);
}
