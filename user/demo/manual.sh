#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# manual.sh DIR: tcpstate-trace-scenarios(7), from the scenarios in DIR in the order that DIR/order gives.
set -eu
cd "$1"

cat <<'EOT'
.\" SPDX-License-Identifier: GPL-2.0-only
.\" Generated from the scenarios by user/demo/manual.sh.
.Dd November 22, 2026
.Dt TCPSTATE-TRACE-SCENARIOS 7
.Os
.Sh NAME
.Nm tcpstate-trace-scenarios
.Nd how TCP connections open, close and fail, in examples that can be played
.Sh SYNOPSIS
.Nm tcpstate-trace
.Cm demo
.Op Ar name ...
.Sh DESCRIPTION
Each scenario below is a short play: a few processes do something with TCP
sockets, and every state transition that
must follow is written down.
.Bd -literal -offset indent
sudo tcpstate\-trace demo half\-close
.Ed
.Pp
plays one in a network namespace of its own, draws its ladders, explains it, and
says whether all was
.Dq as expected .
Several names play one after the other,
.Cm all
plays each of them, and without a name
.Cm demo
lists them.
With
.Fl \-quiet
only the result is told, and
.Fl \-fast
shortens the waits that a sysctl shortens.
Nothing of the machine is changed: what is set by sysctl is set in the
namespace.
.Ss What each side does
The first part of a scenario is what its processes do, one line each: who, and
what.
Each is done before the next begins.
.Bd -literal -offset indent
client shutdown wr
client in FIN_WAIT2
.Ed
.Pp
is shutdown(SHUT_WR) of the client's connection, and then a wait until the
kernel lists its socket in FIN_WAIT2.
The server listens on port 19999.
Lines that begin with
.Cm sysctl
set something before the play,
.Cm needs
names what a kernel or a machine may lack, and
.Cm explain\-bind
and
.Cm close\-wait\-warn
are the options of that name.
After
.Cm counts
stands what
.Xr netstat 8
must count then, and after
.Cm snapshot
what the snapshot of
.Xr tcpstate-trace 8
must.
.Ss What must be seen
The second part has the states of each end, one row for each transition, in
their order.
.Bd -literal -offset indent
client
  ESTABLISHED \-> FIN_WAIT1   : shutdown(SHUT_WR) by client
  FIN_WAIT2   \(ti> TIME_WAIT
.Ed
.Bl -tag -width Ds
.It Li \->
A transition of the socket, as the kernel's tracepoint reports it.
.It Li \(ti>
What becomes of a minisock: of the request before there is a socket, and of what
the kernel keeps of it in
FIN_WAIT2 and TIME_WAIT when the socket itself is closed.
.It Li \&?
Behind an arrow: the row may be missing, for how processors meet decides.
.It Li \&:
Behind it stands a part of what the ladder says beside that row: which call it
was, by whom, what it waits for.
.It Li client/2
An end of the second connection; client/1\-300 stands for each of the first 300.
.El
.Pp
Then follow parts of the
.Cm verdict ,
the line that ends a ladder, and each
.Cm finding
by its code; both are explained in
.Xr tcpstate-trace 8 .
What is not named must not be found, but for a
.Cm may\-find .
.Pp
Where kernels differ, a line in brackets says for which versions the next line
holds; and so with
.Fl \-fast
or without it.
.Sh SCENARIOS
EOT

sed 's/#.*//' order | while read -r name; do
	awk -v name="$name" -f ../manual.awk "$name.scenario"
done

cat <<'EOT'
.Sh SEE ALSO
.Xr tcp 7 ,
.Xr tcpstate-trace 8
.Rs
.%T Transmission Control Protocol (TCP)
.%R RFC 9293
.Re
EOT
