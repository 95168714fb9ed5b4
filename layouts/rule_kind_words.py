"""Words of the kinds of alert rules, their values and the public warnings: key -> (zh, en)."""

KINDS: dict[str, tuple[str, str]] = {
    "rules.kind.feed_silent": ("数据源静默", "Feed silent"),
    "rules.about.feed_silent": (
        "数据源多久没有消息，按它自己的上报周期计",
        "how long a feed has said nothing, in periods of its own",
    ),
    "rules.kind.online_rate_drop": ("在线率骤降", "Online rate dropped"),
    "rules.about.online_rate_drop": (
        "一个网格的探头在线率在几分钟内掉了多少个百分点",
        "by how many points the online rate of a grid's cameras fell within minutes",
    ),
    "rules.kind.device_gone": ("汇聚设备失联", "Device gone"),
    "rules.about.device_gone": (
        "录像机、交换机、网络或供电点之下，有多大比例的探头不在线",
        "what share of the cameras behind a recorder, switch, network or power point is down",
    ),
    "rules.kind.site_without_view": ("重点点位失去画面", "Site without a view"),
    "rules.about.site_without_view": (
        "一个重点点位的探头有多大比例不在线",
        "what share of a marked site's cameras is down",
    ),
    "rules.kind.incident_at_limit": ("事件将到时限", "Incident at its limit"),
    "rules.about.incident_at_limit": (
        "一件事件的处置时限已用掉多少",
        "how much of a case's time limit is used up",
    ),
    "rules.kind.incident_overdue": ("事件超时未督办", "Overdue incident not pressed"),
    "rules.about.incident_overdue": (
        "一件事件超过处置时限多少分钟还没有人督办",
        "for how many minutes past its time limit nobody has pressed a case",
    ),
    "rules.kind.p1_unacknowledged": ("一级事件未确认", "Priority 1 unacknowledged"),
    "rules.about.p1_unacknowledged": (
        "一件一级事件等了多少分钟还没有人确认",
        "for how many minutes a case of priority 1 waits for somebody",
    ),
    "rules.kind.grid_without_cover": ("网格无人覆盖", "Grid without cover"),
    "rules.about.grid_without_cover": (
        "一个网格多少分钟没有人签到",
        "for how many minutes nobody has checked in in a grid",
    ),
    "rules.kind.similar_cluster": ("相似事件成片", "Cluster of similar cases"),
    "rules.about.similar_cluster": (
        "24 小时内 50 米之内有多少件相似的事件",
        "how many similar cases there are within 50 m and 24 hours",
    ),
    "rules.kind.exchange_overdue": ("数据交换逾期", "Exchange overdue"),
    "rules.about.exchange_overdue": (
        "一项共享数据距上次送达过了几个周期",
        "how many periods ago a shared resource was last delivered",
    ),
    "rules.kind.whistle_unanswered": ("吹哨未应", "Whistle unanswered"),
    "rules.about.whistle_unanswered": (
        "被吹哨部门的报到时限已用掉多少",
        "how much of a called department's time to answer is used up",
    ),
    "rules.parameter.at_least_s": ("至少静默 {n} 秒", "silent for {n} s at least"),
    "rules.parameter.window_min": ("在 {n} 分钟之内", "within {n} minutes"),
    "rules.parameter.min_cameras": ("至少有 {n} 个探头才判", "judged from {n} cameras on"),
    "rules.parameter.max_priority": ("只看 P1 到 P{n} 的事件", "cases of P1 to P{n} only"),
    "rules.parameter.period_s": (
        "来源没有说周期时按 {n} 秒",
        "a period is {n} s where the source names none",
    ),
    "rules.cap.urgency.Immediate": ("立即", "immediate"),
    "rules.cap.urgency.Expected": ("即将", "expected"),
    "rules.cap.urgency.Future": ("以后", "future"),
    "rules.cap.urgency.Past": ("已过", "past"),
    "rules.cap.urgency.Unknown": ("紧迫程度不明", "urgency unknown"),
    "rules.cap.severity.Extreme": ("特别严重", "extreme"),
    "rules.cap.severity.Severe": ("严重", "severe"),
    "rules.cap.severity.Moderate": ("较重", "moderate"),
    "rules.cap.severity.Minor": ("一般", "minor"),
    "rules.cap.severity.Unknown": ("严重程度不明", "severity unknown"),
    "rules.cap.certainty.Observed": ("已经发生", "observed"),
    "rules.cap.certainty.Likely": ("很可能", "likely"),
    "rules.cap.certainty.Possible": ("可能", "possible"),
    "rules.cap.certainty.Unlikely": ("不大可能", "unlikely"),
    "rules.cap.certainty.Unknown": ("是否发生不明", "certainty unknown"),
}
