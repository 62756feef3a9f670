/// The POSIX shell script that owns a job on its instance. Plain `sh` with coreutils and util-linux: what every official
/// image has, and nothing to install before the job may begin.
package enum Supervisor {
    package static let script = #"""
        #!/bin/sh
        # Spillway's supervisor. It owns one job on this machine, so that no connection has to: the job, its logs, its exit
        # status and its deadline. It lies in a folder of its own beside `settings`, `env`, `command` and perhaps `setup`.
        #
        #   prepare        makes the job's account ready and says where its home is
        #   start          begins the job, or joins the one begun before; the secrets come on standard input
        #   status         says how the job stands
        #   follow OUT ERR NAME   sends both logs from these byte offsets until the job has ended
        #   cancel         ends the job, and waits until it has
        #
        # shellcheck disable=SC1090,SC1091 # settings, env and secrets are made for each run
        # shellcheck disable=SC2030,SC2031,SC2317 # naps are local to their watch; `exec` and traps are reached
        set -u
        umask 077

        # The inside of a session: `enter DIR SECRETS AFTER WORKDIR COMMAND…`. What is read from env and secrets may set any
        # variable, so nothing but the positional parameters is used here, and nothing of the supervisor's own is exported.
        if [ "${1-}" = enter ]; then
            shift
            exec 2>&8 8>&-
            printf '%s\n' "$$" >"$1/.group" && mv -f "$1/.group" "$1/group" || exit 71
            [ ! -e "$1/cause" ] || exit 143
            { echo 0 >"/proc/$$/oom_score_adj"; } 2>/dev/null
            umask 022
            cd -- "$4" || exit 72
            if [ -n "$2" ]; then
                . "$2"
                [ "$3" = keep ] || rm -f -- "$2"
            fi
            . "$1/env"
            shift 4
            exec "$@"
        fi

        LC_ALL=C
        dir=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P) || exit 70
        run='' user='' home='' workdir='' timeout='' deadline='' notice='' grace=10
        . "$dir/settings" || exit 70
        me=$(id -u)
        direct=yes

        # What must not touch a disk, secrets above all, goes where memory is, if there is such a place.
        ram=$dir/ram
        for place in /run /dev/shm; do
            if [ -w "$place" ] && [ "$(stat -f -c %T "$place" 2>/dev/null)" = tmpfs ]; then
                ram=$place/spillway-$run
                break
            fi
        done

        # Writes a small file in one piece: whoever reads it sees all of it or nothing.
        put() {
            printf '%s\n' "$2" >"$dir/.$1.$$" && mv -f "$dir/.$1.$$" "$dir/$1"
        }

        note() {
            printf '%s\n' "$1" >>"$dir/notes"
        }

        # The machine's uptime in hundredths of a second: no change of its clock moves it.
        uptime() {
            read -r up _ </proc/uptime
            printf '%s\n' "${up%.*}${up#*.}"
        }

        # The job runs as $user where we are root and that is somebody else; otherwise as who we are.
        account() {
            if [ -n "$user" ] && [ "$me" = 0 ]; then
                if ! id -u "$user" >/dev/null 2>&1; then
                    useradd --create-home --user-group --shell /bin/bash "$user" || return 1
                fi
                if [ "$(id -u "$user")" != 0 ]; then
                    direct=no
                    [ -n "$home" ] || home=$(getent passwd "$user" | cut -d: -f6)
                fi
            fi
            [ -n "$home" ] || home=$HOME
            mkdir -p -- "$home" || return 1
            [ "$direct" = yes ] || chown "$user:" "$home"
        }

        running() {
            ! flock -n -s "$dir/lock" true
        }

        # The one that began it says why the job was ended; the first word counts.
        claim() {
            printf '%s\n' "$1" >"$dir/.cause.$$"
            ln "$dir/.cause.$$" "$dir/cause" 2>/dev/null
            rm -f "$dir/.cause.$$"
        }

        result() {
            cat "$dir/result" 2>/dev/null || cat "$ram/result" 2>/dev/null
        }

        size() {
            stat -c %s "$dir/$1" 2>/dev/null || echo 0
        }

        status() {
            if [ ! -e "$dir/begun" ]; then
                echo phase=absent
                return
            fi
            # The lock before the result: a job that ends in between then reads as finished, never as lost.
            if running; then alive=yes; else alive=no; fi
            if ended=$(result); then
                echo phase=finished
                printf '%s\n' "$ended"
            elif [ "$alive" = yes ]; then
                echo "phase=$(cat "$dir/stage" 2>/dev/null || echo setup)"
            else
                echo phase=lost
            fi
            cat "$dir/begun"
            echo "out=$(size out)"
            echo "err=$(size err)"
            sed 's/^/note=/' "$dir/notes" 2>/dev/null
            return 0
        }

        start() {
            if [ -e "$dir/begun" ]; then
                cat >/dev/null
                status
                return
            fi
            mkdir -p "$ram" && secrets=$(mktemp "$ram/secrets.XXXXXX") && cat >"$secrets" || return 73
            launch "$secrets"
            tries=0
            until [ -e "$dir/begun" ]; do
                tries=$((tries + 1))
                if [ "$tries" -gt 500 ]; then
                    cat "$dir/supervisor.log" >&2
                    return 74
                fi
                sleep 0.02
            done
            status
        }

        launch() {
            if [ -d /run/systemd/system ] && [ "$me" = 0 ] && command -v systemd-run >/dev/null; then
                systemd-run --quiet --collect --unit="spillway-$run" --setenv=PATH="$PATH" --setenv=HOME="$HOME" \
                    -p KillMode=control-group -p OOMPolicy=continue -p MemoryMax=97% -p TasksMax=infinity \
                    -p LimitNOFILE=1048576 -p CPUWeight=50 ${deadline:+-p RuntimeMaxSec=$((deadline + 3 * grace + 60))} \
                    /bin/sh "$dir/supervisor" supervise "$1" \
                    </dev/null >>"$dir/supervisor.log" 2>&1 && return
            fi
            away supervise "$1"
        }

        # Runs a verb of this script in a session of its own. `--fork` rather than `&`, which would have it ignore SIGINT.
        away() {
            setsid --fork sh "$dir/supervisor" "$@" </dev/null >>"$dir/supervisor.log" 2>&1 ||
                setsid sh "$dir/supervisor" "$@" </dev/null >>"$dir/supervisor.log" 2>&1 &
        }

        cancel() {
            claim cancelled
            if running; then
                away stop
                flock -s "$dir/lock" true
            elif [ -e "$dir/begun" ]; then
                # Lost: what the supervisor would have tidied up is left to us.
                sweep
                rm -f "$ram"/secrets.*
            fi
            status
        }

        follow() {
            if [ ! -e "$dir/begun" ]; then
                echo "the job has not been started" >&2
                return 75
            fi
            # A connection that was lost leaves its follower behind; the next one of the same name ends it.
            if old=$(cat "$dir/follower.$3" 2>/dev/null) && grep -qsF "$dir/supervisor" "/proc/$old/cmdline"; then
                kill -s TERM "$old"
            fi
            put "follower.$3" "$$"
            echo spillway-log
            echo spillway-log >&2
            exec 3>&2 2>/dev/null
            if result >/dev/null || ! running; then
                tail -c "+$(($1 + 1))" "$dir/out"
                tail -c "+$(($2 + 1))" "$dir/err" >&3
                return
            fi
            # How often tail looks where it cannot be told of changes.
            every=0.05
            tail -s "$every" -c 1 /dev/null || every=1
            tail -s "$every" -c "+$(($1 + 1))" -f "$dir/out" &
            first=$!
            tail -s "$every" -c "+$(($2 + 1))" -f "$dir/err" >&3 &
            second=$!
            # The supervisor holds the lock for as long as it lives: waiting for it costs nothing and wakes at once.
            flock -s "$dir/lock" true &
            ending=$!
            trap 'kill $first $second $ending; exit 0' TERM HUP PIPE
            wait "$ending"
            kill "$first" "$second"
            wait
        }

        # The processes of the job, to whatever session or parent they have moved: those that inherited its mark, and where
        # it has an account of its own all that run as that, because there the mark may not be ours to read.
        members() {
            {
                grep -lszxF "SPILLWAY_RUN=$run" /proc/[0-9]*/environ
                if uid=$(cat "$dir/uid" 2>/dev/null); then
                    grep -ls "^Uid:[[:space:]]*${uid}[[:space:]]" /proc/[0-9]*/status |
                        xargs -r grep -Ls '^State:[[:space:]]*Z'
                fi
            } | cut -d/ -f3 | sort -u
        }

        strike() {
            if group=$(cat "$dir/group" 2>/dev/null); then
                kill -s "$1" -- "-$group" 2>/dev/null
            fi
            for pid in $(members); do
                kill -s "$1" "$pid" 2>/dev/null
            done
        }

        # Ends what a finished step left behind: asked first, then made to.
        sweep() {
            [ -n "$(members)" ] || return 0
            note "ended $(members | wc -l) processes that the job had left behind"
            strike TERM
            left=$((grace * 20))
            while [ -n "$(members)" ] && [ "$left" -gt 0 ]; do
                sleep 0.05
                left=$((left - 1))
            done
            strike KILL
        }

        # Ends the present step; nothing is begun after it, because `cause` is written by now. The supervisor itself needs no
        # telling: it waits for the step, and sees then why it ended.
        stop() {
            strike TERM
            sleep "$grace"
            strike KILL
        }

        # watch CAUSE SECONDS: stops the job when that much of the machine's uptime has passed.
        watch() {
            # The lock says that the supervisor lives: nobody else may hold it.
            exec 9>&-
            end=$(($(uptime) + $2 * 100))
            nap=''
            trap '[ -z "$nap" ] || kill "$nap"; exit' TERM
            # Naps are short because a machine that was suspended has aged without them.
            while left=$((end - $(uptime))) && [ "$left" -gt 0 ]; do
                [ "$left" -lt 3000 ] || left=3000
                sleep "$((left / 100)).$((left / 10 % 10))$((left % 10))" &
                nap=$!
                wait "$nap"
            done
            claim "$1"
            stop
        }

        # Stops the job once the machine is about to be taken back, so that what it wrote can still be fetched.
        heed() {
            exec 9>&-
            nap=''
            trap '[ -z "$nap" ] || kill "$nap"; exit' TERM
            until sh -c "$notice" </dev/null >/dev/null 2>&1; do
                sleep 5 &
                nap=$!
                wait "$nap"
            done
            claim preempted
            stop
        }

        # session WORDS…: runs `enter` in a session of its own; its exit is then in $code and $signal.
        session() {
            signal=''
            if setsid --fork --wait true 2>/dev/null; then
                # setsid tells death by a signal from an exit with 128 and more; a shell alone does not.
                setsid --fork --wait env -i "$@" </dev/null >>"$dir/out" 2>"$dir/.gone" 8>>"$dir/err" 9>&-
                code=$?
                if [ -s "$dir/.gone" ]; then
                    signal=$(kill -l "$((code & 127))")
                    code=$((128 + (code & 127)))
                fi
            else
                setsid env -i "$@" </dev/null >>"$dir/out" 2>/dev/null 8>>"$dir/err" 9>&-
                code=$?
                [ "$code" -le 128 ] || [ "$code" -gt 192 ] || signal=$(kill -l "$((code - 128))")
            fi
        }

        # step NAME: runs the script of that name and waits for its end.
        step() {
            put stage "$1"
            script=$dir/$1 name=$(id -un) base=$home after=keep switch='' path=$PATH
            [ "$1" = setup ] || after=remove
            for place in /usr/local/sbin /usr/sbin /sbin; do
                case ":$path:" in *":$place:"*) ;; *) path=$path:$place ;; esac
            done
            if [ "$direct" = no ] && [ "$1" = setup ]; then
                base=$HOME
            elif [ "$direct" = no ]; then
                name=$user
                path=$home/.local/bin:$path
                script=$home/.spillway/$run/$1
                mkdir -p "$home/.spillway/$run" && cp "$dir/$1" "$script" && chown -R "$user:" "$home/.spillway" || return 1
                switch="$(command -v setpriv) --reuid=$user --regid=$(id -g "$user") --init-groups --inh-caps=-all"
            fi
            chmod u+x "$script"
            shell='sh -e'
            ! bash=$(command -v bash) || shell="$bash -e"
            [ "$(head -c 2 "$dir/$1")" != '#!' ] || shell=''
            rm -f "$dir/group"
            # Without quotes on purpose: these are words of our own making.
            # shellcheck disable=SC2086
            session HOME="$base" USER="$name" LOGNAME="$name" SHELL=/bin/sh PATH="$path" LANG=C.UTF-8 SPILLWAY_RUN="$run" \
                DEBIAN_FRONTEND=noninteractive "$(command -v sh)" "$dir/supervisor" enter "$dir" "$secrets" "$after" \
                "$workdir" $switch $shell "$script"
            rm -f "$dir/group"
        }

        finish() {
            for watch in $watches; do
                kill "$watch" 2>/dev/null
            done
            rm -f -- "$secrets"
            rmdir "$ram" 2>/dev/null
            text="ending=$(cat "$dir/cause" 2>/dev/null || echo "$1")
        status=$code
        signal=$signal
        finished=$(date +%s)"
            # A disk that the job has filled must not hide how it ended.
            put result "$text" || { mkdir -p "$ram" && printf '%s\n' "$text" >"$ram/result"; }
        }

        # The machine's metadata may hold what its job should not see, such as the first host key.
        shield() {
            if [ "$direct" = yes ]; then
                [ "$me" != 0 ] || note "metadata addresses are not blocked: the job runs as root"
                return
            fi
            uid=$(id -u "$user") open=''
            for address in 169.254.42.42 169.254.169.254 fd00:42::42 fd00:ec2::254; do
                case $address in *:*) family=-6 ;; *) family=-4 ;; esac
                ip "$family" rule add uidrange "$uid-$uid" to "$address" prohibit 2>>"$dir/supervisor.log" ||
                    open="$open $address"
            done
            [ -z "$open" ] || note "metadata addresses that could not be blocked for the job:$open"
        }

        supervise() {
            secrets=$1 code='' signal='' watches=''
            exec 9>>"$dir/lock"
            if ! flock -n 9 || [ -e "$dir/begun" ]; then
                rm -f -- "$secrets"
                return
            fi
            { echo -900 >"/proc/$$/oom_score_adj"; } 2>/dev/null
            : >>"$dir/out"
            : >>"$dir/err"
            put begun "pid=$$
        boot=$(cat /proc/sys/kernel/random/boot_id)
        started=$(date +%s)"
            if [ -n "$deadline" ]; then
                watch deadline "$deadline" &
                watches=$!
            fi
            if [ -n "$notice" ]; then
                heed &
                watches="$watches $!"
            fi
            if ! account || ! claim_folder; then
                echo "spillway: the job's account or folder could not be made ready" >>"$dir/err"
                cat "$dir/supervisor.log" >>"$dir/err"
                finish setup_failed
                return
            fi
            [ "$direct" = yes ] || put uid "$(id -u "$user")"
            shield
            if [ -e "$dir/setup" ]; then
                echo "spillway: setup" >>"$dir/err"
                step setup
                if [ -e "$dir/cause" ] || [ "$code" != 0 ]; then
                    sweep
                    finish setup_failed
                    return
                fi
                echo "spillway: run" >>"$dir/err"
            fi
            if [ -n "$timeout" ]; then
                watch timed_out "$timeout" &
                watches="$watches $!"
            fi
            step command
            sweep
            finish exited
        }

        claim_folder() {
            case $workdir in /*) ;; *) workdir=$home/$workdir ;; esac
            mkdir -p -- "$workdir" || return 1
            [ "$direct" = yes ] || chown -Rh "$user:" "$home"
        }

        case ${1-} in
        prepare)
            account >&2 || exit 70
            printf 'home=%s\nuser=%s\nuid=%s\n' "$home" "$([ "$direct" = yes ] && id -un || echo "$user")" "$me"
            ;;
        start | status | cancel) "$1" ;;
        follow) follow "$2" "$3" "$4" ;;
        supervise) supervise "$2" ;;
        stop) stop ;;
        *)
            echo "usage: supervisor prepare|start|status|cancel|follow OUT ERR NAME" >&2
            exit 64
            ;;
        esac

        """#
}
