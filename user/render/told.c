// SPDX-License-Identifier: GPL-2.0-only
#include "render/told.h"

#include "core/state.h"
#include "render/words.h"

/* The port of a connect() is chosen after its SYN_SENT. A heading that was printed before says "*". */
static void port_note(struct told *told, const struct heading *heading, struct text *note)
{
	const struct addr_port *client = &heading->at[SIDE_CLIENT];

	if (told->client.port || !client->port)
		return;
	text_addf(note, "from port %u", client->port);
	told->client = *client;
}

/* It was passed on, or accepted by another process than the heading said. Who closes is told as the cause. */
static void owner_note(struct told *told, const struct heading *heading, struct text *note)
{
	for (int side = 0; side < 2; side++) {
		const struct owner *owner = &heading->owners[side];
		struct owner *last = &told->owners[side];

		if ((owner->source != OWNER_ACCEPT && owner->source != OWNER_READ) ||
		    (last->source != OWNER_UNKNOWN && last->pid == owner->pid))
			continue;
		text_addf(note, "%s%s is ", note->len ? "; " : "",
			  side == SIDE_CLIENT ? "client" : "server");
		words_owner(note, owner);
		text_addf(note, " (%s)", owner_source_name(owner->source));
		*last = *owner;
	}
}

/* A state that was passed at once is said in the note: "through SYN_RECV". */
static void through_note(const struct row *row, struct text *note)
{
	if (row->joined)
		text_addf(note, "%sin %s since before %s", note->len ? "; " : "",
			  state_name(row->joined),
			  row->joined_after_gap ? "we looked" : "the start");
	for (int side = 0; side < 2; side++)
		if (row->cells[side].through)
			text_addf(note, "%sthrough %s", note->len ? "; " : "",
				  state_name(row->cells[side].through));
	if (row->note[0])
		text_addf(note, "%s%s", note->len ? "; " : "", row->note);
}

void told_begin(struct told *told, const struct heading *heading)
{
	*told = (struct told){.client = heading->at[SIDE_CLIENT]};
	for (int side = 0; side < 2; side++)
		told->owners[side] = heading->owners[side];
}

void told_step(struct told *told, const struct row *row, const struct heading *heading,
	       struct text *note)
{
	port_note(told, heading, note);
	owner_note(told, heading, note);
	through_note(row, note);
}
