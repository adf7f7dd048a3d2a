// SPDX-License-Identifier: GPL-2.0-only
#include "render/heading.h"

#include "render/words.h"

/* What a name from outside may take: a line, if that is not very long. */
static size_t name_columns(const struct lanes *lanes)
{
	size_t columns = lanes->end - lanes->client;

	return columns < LANES_NAME_COLUMNS ? columns : LANES_NAME_COLUMNS;
}

static void add_label(const struct lanes *lanes __attribute__((unused)),
		      const struct heading *heading, enum side side, struct text *label)
{
	const char *role = side == SIDE_CLIENT ? "client" : "server";
	char at[ADDR_PORT_TEXT_LEN];

	addr_port_format(&heading->at[side], at);
	text_addf(label, "%s%s %s", role, heading->sides_known ? "" : "?", at);
}

static void add_owner(const struct lanes *lanes __attribute__((unused)),
		      const struct heading *heading, enum side side, struct text *owner)
{
	if (!heading->present[side]) {
		text_add(owner, "not seen here");
		return;
	}
	words_owner(owner, &heading->owners[side]);
	words_container(owner, heading->cgroups[side]);
}

static void add_owner_more(const struct lanes *lanes, const struct heading *heading, enum side side,
			   struct text *more)
{
	if (heading->present[side])
		words_owner_more(more, &heading->owners[side], heading->cgroups[side],
				 name_columns(lanes));
}

static void add_cmdline(const struct lanes *lanes, const struct heading *heading, enum side side,
			struct text *cmdline)
{
	if (heading->present[side])
		words_cut(cmdline, heading->cmdlines[side], name_columns(lanes));
}

bool heading_tells_netns(const struct style *style, const struct heading *heading, enum side side)
{
	uint32_t netns = heading->netns[side], other = heading->netns[!side];
	unsigned int host = host_of(netns);
	uint32_t own = style->hosts[host].netns;

	return heading->present[side] &&
	       ((own && netns != own) ||
		(heading->present[!side] && host == host_of(other) && netns != other));
}

static void add_netns(const struct lanes *lanes __attribute__((unused)),
		      const struct heading *heading, enum side side, struct text *netns)
{
	if (heading->present[side])
		text_addf(netns, "netns %u", host_netns(heading->netns[side]));
}

static void add_host(const struct lanes *lanes, const struct heading *heading, enum side side,
		     struct text *host)
{
	const char *name = lanes->style->hosts[host_of(heading->netns[side])].name;

	if (!heading->present[side] || !name)
		return;
	text_add(host, "on ");
	words_host(host, name);
}

typedef void make_part(const struct lanes *lanes, const struct heading *heading, enum side side,
		       struct text *part);

static enum meaning meaning_of(const struct heading *heading, enum side side)
{
	return heading->present[side] ? MEANING_HEAD : MEANING_FAINT;
}

/* Where a part begins that has a line of its own: over its lane, or further left if it is long. */
static size_t part_column(const struct lanes *lanes, enum side side, size_t columns)
{
	size_t at = side == SIDE_CLIENT ? lanes->client : lanes->server;

	if (at + columns <= lanes->end)
		return at;
	return lanes->end > lanes->client + columns ? lanes->end - columns : lanes->client;
}

/* Both sides' parts on one line, each over its lane, or on two where they would meet. */
static void print_line(const struct lanes *lanes, const struct heading *heading, make_part *make)
{
	char buffer[512], parts[2][256];
	struct text line, text[2];

	text_init(&line, buffer, sizeof(buffer));
	for (int side = 0; side < 2; side++) {
		text_init(&text[side], parts[side], sizeof(parts[side]));
		make(lanes, heading, (enum side)side, &text[side]);
	}
	if (lanes->client + text[SIDE_CLIENT].columns < lanes->server &&
	    lanes->server + text[SIDE_SERVER].columns <= lanes->end) {
		text_pad(&line, lanes->client);
		style_add(lanes->style, &line, meaning_of(heading, SIDE_CLIENT),
			  parts[SIDE_CLIENT]);
		if (text[SIDE_SERVER].len)
			text_pad(&line, lanes->server);
		style_add(lanes->style, &line, meaning_of(heading, SIDE_SERVER),
			  parts[SIDE_SERVER]);
		lanes_line(lanes, &line);
		return;
	}
	for (int side = 0; side < 2; side++)
		lanes_wrap(lanes, &line, part_column(lanes, (enum side)side, text[side].columns),
			   meaning_of(heading, (enum side)side), parts[side]);
}

void heading_print(const struct lanes *lanes, const struct heading *heading)
{
	print_line(lanes, heading, add_label);
	if (lanes->style->hosts[0].name)
		print_line(lanes, heading, add_host);
	print_line(lanes, heading, add_owner);
	if (lanes->style->wide)
		print_line(lanes, heading, add_owner_more);
	if (lanes->style->cmdline &&
	    (heading->cmdlines[SIDE_CLIENT][0] || heading->cmdlines[SIDE_SERVER][0]))
		print_line(lanes, heading, add_cmdline);
	if (heading_tells_netns(lanes->style, heading, SIDE_CLIENT) ||
	    heading_tells_netns(lanes->style, heading, SIDE_SERVER))
		print_line(lanes, heading, add_netns);
}
