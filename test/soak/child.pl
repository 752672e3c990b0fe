# child.pl NAME JOURNAL DOES MS [AFTER CODE]: a child that obeys, ignores, forks or daemonises. Perl is on every Debian, and starts at once.
use strict;
use POSIX ();

my ($name, $journal, $does, $ms, $after, $code) = @ARGV;

sub note {
    open(my $file, '>>', $journal) or POSIX::_exit(9);
    syswrite($file, join(' ', @_) . "\n");
    close($file);
}

# Listens to SIGTERM, takes its time, and ends; or hears nothing; or falls by itself after a while.
sub live {
    my ($who, $is_deaf) = @_;
    my $told = 0;
    $SIG{TERM} = $is_deaf ? 'IGNORE' : sub { $told++; note($who, 'told') };
    $SIG{INT} = $SIG{HUP} = 'IGNORE';
    note($who, 'listens');
    if (defined $after) {
        select(undef, undef, undef, $after / 1000);
        if (!$told) { note($who, 'falls'); POSIX::_exit($code) }
    }
    select(undef, undef, undef, 0.05) until $told;
    select(undef, undef, undef, $ms / 1000);
    note($who, 'ends');
    POSIX::_exit(0);
}

if ($does eq 'forks') {
    for my $n (1 .. 3) { live("$name.$n", 0) unless fork }
} elsif ($does =~ /^daemonises/) {
    my $first = fork;
    if (!$first) {
        POSIX::setsid();
        POSIX::_exit(0) if fork;
        live("$name.d", $does eq 'daemonises deaf');
    }
    waitpid($first, 0);
}
live($name, $does eq 'ignores');
