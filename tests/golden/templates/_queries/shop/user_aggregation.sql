
    SELECT
        {{ observation.split_id }},
        group_name{% for user_formula in user_formula_list %},
        {{ user_formula.sql }} AS {{ user_formula.alias }}{% endfor %}
    FROM events
    GROUP BY 1, 2
