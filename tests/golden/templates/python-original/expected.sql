WITH events AS (
    SELECT *
    FROM analytics.events
    WHERE event_timestamp >= '2025-10-01 00:00:00'
      AND event_timestamp < '2025-10-15 00:00:00'
      
      AND (country = 'US' OR country = 'CA')
),
user_aggregation AS (
    SELECT
        user_id,
        group_name,
        SUM(event_value) AS revenue,
        COUNT(CASE WHEN event_name = 'purchase' THEN 1 END) AS orders
    FROM events
    GROUP BY 1, 2

)

SELECT
    group_name,
    'arpu' AS metric_name,
    'Revenue per user' AS metric_display_name,
    'avg' AS metric_type,
    COUNT(DISTINCT user_id) AS observation_cnt,
    AVG(revenue) AS metric_value,
    AVG(revenue) AS numerator_avg,
    NULL AS denominator_avg,
    VAR_SAMP(revenue) AS numerator_var
FROM user_aggregation
GROUP BY group_name
UNION ALL

SELECT
    group_name,
    'order_value' AS metric_name,
    'Order value' AS metric_display_name,
    'ratio' AS metric_type,
    COUNT(DISTINCT user_id) AS observation_cnt,
    SUM(revenue) / NULLIF(SUM(orders), 0) AS metric_value,
    AVG(revenue) AS numerator_avg,
    AVG(orders) AS denominator_avg,
    VAR_SAMP(revenue) AS numerator_var
FROM user_aggregation
GROUP BY group_name
UNION ALL

SELECT
    group_name,
    'buyers' AS metric_name,
    'Buyers' AS metric_display_name,
    'proportion' AS metric_type,
    COUNT(DISTINCT user_id) AS observation_cnt,
    AVG(orders) AS metric_value,
    AVG(orders) AS numerator_avg,
    NULL AS denominator_avg,
    VAR_SAMP(orders) AS numerator_var
FROM user_aggregation
GROUP BY group_name
