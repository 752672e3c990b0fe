"""Runs a command on a real terminal. Lines of JSON on stdin say what a person does; stdout is what the screen shows.

{"type": "text"} types; {"columns": 100} resizes; {"hangUp": true} closes the window. Its exit code is the command's.
"""
import fcntl, json, os, pty, select, signal, struct, sys, termios

pid, terminal = pty.fork()
if pid == 0:
    # Python ignores it, and the command would inherit that.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.execvp(sys.argv[1], sys.argv[1:])

def resize(columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

resize(80)
pending = b""
readable = [0, terminal]
while terminal in readable:
    ready, _, _ = select.select(readable, [], [])
    if terminal in ready:
        try:
            shown = os.read(terminal, 65536)
        except OSError:  # EIO: nobody has the terminal open any more
            shown = b""
        if not shown:
            break
        os.write(1, shown)
    if 0 in ready:
        read = os.read(0, 65536)
        if not read:
            readable.remove(0)
        *lines, pending = (pending + read).split(b"\n")
        for line in lines:
            act = json.loads(line)
            if "type" in act:
                os.write(terminal, act["type"].encode())
            if "columns" in act:
                resize(act["columns"])
            if "hangUp" in act:
                os.close(terminal)
                readable.remove(terminal)

_, status = os.waitpid(pid, 0)
if os.WIFSIGNALED(status):
    print(f"ended by signal {os.WTERMSIG(status)}", flush=True)
sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
