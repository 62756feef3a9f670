/// The scripts inside a machine: its first process, and what stands where power commands would be.
enum GuestScripts {
    /// The first process of a machine. It hears `listen ADDRESS` and `close` on standard input, whose end is its own
    /// end, and tells what happens on standard output.
    static let start = #"""
        #!/bin/sh
        set -u
        exec 3>&- 4>&1 1>&2
        seed=/run/cloudsim/seed
        . "$seed/env"
        [ -z "$SIM_METADATA" ] || export "${SIM_METADATA?}"
        export PATH HOME=/root USER=root LOGNAME=root SHELL=/bin/bash LANG=C.UTF-8
        umask 022
        cd /root || exit 1
        event() { printf '%s\n' "$*" >&4; }
        log() { printf 'cloudsim: %s\n' "$*"; }
        mkdir -p -m 755 /run/sshd /run/lock /run/cloud-init /run/user
        mkfifo -m 600 /run/cloudsim/power
        ( while read -r verb <>/run/cloudsim/power; do printf 'power %s\n' "$verb" >&4; done ) </dev/null &

        log "boot of $SIM_NAME"
        [ ! -f "$seed/bootcmd" ] || sh "$seed/bootcmd" </dev/null 4>&- || log 'bootcmd failed'
        if [ "$SIM_FIRST" = 1 ]; then
            sh "$seed/prepare" </dev/null 4>&- || { event 'failed the user data could not be applied; see the console'; }
        fi
        key=/etc/ssh/ssh_host_ed25519_key
        [ -s "$key" ] || ssh-keygen -q -t ed25519 -N '' -C "root@$SIM_NAME" -f "$key"
        mkdir -p -m 700 /root/.ssh
        if [ -f "$seed/authorized_keys" ]; then
            (
                umask 077
                cd /root/.ssh
                touch instance_keys
                cat "$seed/authorized_keys" instance_keys >authorized_keys
            )
        fi

        (
            event "fingerprint $(ssh-keygen -l -f "$key.pub")"
            result='[]'
            if [ "$SIM_FIRST" = 1 ]; then
                mkdir -p /var/lib/cloud/instance
                if [ -f "$seed/run" ]; then
                    "$seed/run" >>/var/log/cloud-init-output.log 2>&1 || { log "run script failed ($?)"; result='["runcmd"]'; }
                fi
                date -u >/var/lib/cloud/instance/boot-finished
            fi
            printf '{"v1":{"datasource":"%s","errors":%s}}\n' "$SIM_DATASOURCE" "$result" >/run/cloud-init/result.json
            [ ! -f "$seed/final_message" ] || cat "$seed/final_message"
            printf 'booted\n' >&4
        ) </dev/null &

        listener=
        hush() { [ -z "$listener" ] || { kill "$listener"; wait "$listener"; } 2>/dev/null; listener=; }
        while read -r verb argument; do
            case $verb in
            listen)
                hush
                /usr/sbin/sshd -D -e -f /etc/ssh/sshd_config -o "ListenAddress=$argument" \
                    -o "SetEnv=PATH=$PATH $SIM_METADATA" </dev/null 4>&- &
                listener=$!
                ;;
            close) hush ;;
            esac
        done
        """#

    /// Stands for shutdown, poweroff, halt, reboot and systemctl: it asks the cloud, never the host.
    static let power = #"""
        #!/bin/sh
        verb=${0##*/}
        case $verb in
        systemctl)
            for word; do
                case $word in poweroff | halt | reboot) verb=$word ;; esac
            done
            [ "$verb" != systemctl ] || { echo 'systemctl: not available in a simulated machine' >&2; exit 1; }
            ;;
        shutdown | init | telinit)
            asked=$verb verb=poweroff
            for word; do
                case $word in
                -r | --reboot | 6) verb=reboot ;;
                -k) exit 0 ;;
                -c)
                    kill "$(cat /run/cloudsim/shutdown)" 2>/dev/null
                    exit 0
                    ;;
                +[1-9]*) [ "$asked" != shutdown ] || delay=${word#+} ;;
                esac
            done
            if [ -n "${delay:-}" ]; then
                (sleep "$((delay * 60))" && echo "$verb" >/run/cloudsim/power) >/dev/null 2>&1 </dev/null &
                echo $! >/run/cloudsim/shutdown
                exit 0
            fi
            ;;
        esac
        echo "$verb" >/run/cloudsim/power
        """#

    static let powerNames = ["shutdown", "poweroff", "halt", "reboot", "init", "telinit", "systemctl"]

    /// `cloud-init status [--wait]`, the part of cloud-init that scripts ask.
    static let cloudInit = #"""
        #!/bin/sh
        [ "${1:-}" = status ] || { echo 'cloud-init: only status is available in a simulated machine' >&2; exit 1; }
        case " $* " in *' --wait '*) until [ -f /run/cloud-init/result.json ]; do sleep 0.1; done ;; esac
        [ -f /run/cloud-init/result.json ] || { echo 'status: running'; exit 0; }
        if grep -q 'errors":\[\]' /run/cloud-init/result.json; then echo 'status: done'; else echo 'status: error'; exit 1; fi
        """#

    /// An ordinary user of the host has one user id, which every account of the guest shares: changing users is a no-op.
    static let changeUser = #"""
        #!/bin/sh
        name=${0##*/}
        command=
        while [ $# -gt 0 ]; do
            case $1 in
            -c | --command) command=$2; shift 2 ;;
            -u | --user | -g | --group | -s | --shell | -C | -h | -p | -T | -U | --reuid | --regid) shift 2 ;;
            --) shift; break ;;
            -*) shift ;;
            *=*) export "$1"; shift ;;
            *) [ "$name" = su ] || break; shift ;;
            esac
        done
        [ -z "$command" ] || exec /bin/sh -c "$command"
        [ $# -gt 0 ] || set -- /bin/sh
        exec "$@"
        """#
    static let changeUserNames = ["su", "runuser", "setpriv"]

    /// Nothing gains rights in a sandbox, `sudo` neither: for root, and whoever has its user id too, there is this.
    static let sudo = #"""
        #!/bin/sh
        [ "$(id -u)" = "$(stat -c %u /root)" ] || { echo 'sudo: a password is required' >&2; exit 1; }
        user=root
        while [ $# -gt 0 ]; do
            case $1 in
            -u | --user) user=$2; shift 2 ;;
            --user=*) user=${1#--user=}; shift ;;
            -g | --group | -C | -h | -p | -T | -U) shift 2 ;;
            --) shift; break ;;
            -*) shift ;;
            *=*) export "${1?}"; shift ;;
            *) break ;;
            esac
        done
        [ $# -gt 0 ] || set -- /bin/sh
        [ "$user" = root ] || exec runuser -u "$user" -- "$@"
        export HOME=/root USER=root LOGNAME=root
        exec "$@"
        """#

    static let sshdConfig = """
        HostKey /etc/ssh/ssh_host_ed25519_key
        PidFile none
        AuthorizedKeysFile .ssh/authorized_keys
        UsePAM no
        UseDNS no
        PasswordAuthentication no
        KbdInteractiveAuthentication no
        PermitRootLogin prohibit-password
        PrintMotd no
        PrintLastLog no
        MaxStartups 200:30:400
        MaxSessions 64
        AcceptEnv LANG LC_*
        Subsystem sftp internal-sftp

        """
    static let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}
